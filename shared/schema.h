/*
 * schema.h: the migrations of schema/, built into every program.
 * schema_migration[v] takes the database from PRAGMA user_version v to v + 1.
 */
#ifndef UNIO_SCHEMA_H
#define UNIO_SCHEMA_H

extern const char *const	schema_migration[];
extern const int		schema_version;

#endif
