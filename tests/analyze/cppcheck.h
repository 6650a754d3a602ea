/* Macros that are loops or assign, for cppcheck, which does not read system headers. */
#define cJSON_ArrayForEach(e, a)	for (e = (a)->child; e != NULL; e = e->next)
#define HASH_ITER(hh, head, e, tmp)	for (e = head, tmp = e; e != NULL; e = tmp)
#define HASH_FIND_STR(head, key, out)	out = (head)
