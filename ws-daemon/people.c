#include <stdlib.h>

#include "mem.h"
#include "people.h"
#include "session.h"

#define BUCKETS_FIRST	64

static void		  grow(struct people *);
static void		  insert(struct people *, struct session *);
static struct session	 *with_user(struct session *, int64_t);

void
people_add(struct people *people, struct session *session)
{
	if (people->sessions == people->buckets)
		grow(people);
	insert(people, session);
	people->sessions++;
}

void
people_remove(struct people *people, struct session *session)
{
	if (session->person_link == NULL)
		return;
	*session->person_link = session->next_person;
	if (session->next_person != NULL)
		session->next_person->person_link = session->person_link;
	session->person_link = NULL;
	people->sessions--;
}

struct session *
people_first(const struct people *people, int64_t user_id)
{
	return people->buckets == 0 ? NULL :
	    with_user(people->bucket[(size_t)user_id & (people->buckets - 1)], user_id);
}

struct session *
people_next(const struct session *session)
{
	return with_user(session->next_person, session->user_id);
}

void
people_free(struct people *people)
{
	free(people->bucket);
	*people = (struct people){ .bucket = NULL };
}

static void
grow(struct people *people)
{
	struct people	 former = *people;
	struct session	*session, *next;
	size_t		 i;

	people->buckets = MAX(former.buckets * 2, BUCKETS_FIRST);
	/* of pointers: NOLINTNEXTLINE(bugprone-sizeof-expression) */
	people->bucket = mem_calloc(people->buckets, sizeof(*people->bucket));
	for (i = 0; i < former.buckets; i++) {
		for (session = former.bucket[i]; session != NULL; session = next) {
			next = session->next_person;
			insert(people, session);
		}
	}
	free(former.bucket);
}

/* Ids are given in turn: their lowest bits spread well. */
static void
insert(struct people *people, struct session *session)
{
	struct session **bucket = &people->bucket[(size_t)session->user_id & (people->buckets - 1)];

	session->next_person = *bucket;
	session->person_link = bucket;
	if (session->next_person != NULL)
		session->next_person->person_link = &session->next_person;
	*bucket = session;
}

static struct session *
with_user(struct session *session, int64_t user_id)
{
	while (session != NULL && session->user_id != user_id)
		session = session->next_person;
	return session;
}
