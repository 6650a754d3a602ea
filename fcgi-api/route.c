#include <string.h>

#include "route.h"
#include "str.h"

static bool	matches(const char *pattern, const struct request *request, int64_t id_r[HANDLE_IDS]);
static bool	method_is(const struct route *route, const char *method);

static const struct route routes[] = {
#define P ROUTE_PUBLIC
#define U ROUTE_USER
#define NONE ROUTE_NO_BODY
#define MAY ROUTE_MAY_BODY
#define JSON ROUTE_JSON
#define NO ROUTE_NO_DATA
#define RD ROUTE_READS
#define WR ROUTE_WRITES
	/*                                                                           who body  data  idem   prepare */
	{ "GET",    "/api/health",                         handle_health,             P, NONE, NO, false, NULL },
	{ "GET",    "/api/health/ready",                   handle_health_ready,       P, NONE, NO, false, NULL },
	{ "POST",   "/api/health/call/start",              handle_call_start,         U, JSON, WR, true,  NULL },
	{ "POST",   "/api/health/call/end",                handle_call_end_by_body,   U, JSON, WR, true,  NULL },

	{ "POST",   "/api/auth/login",                     handle_auth_login,         P, JSON, WR, false,
	    handle_auth_login_prepare },
	{ "POST",   "/api/auth/refresh",                   handle_auth_refresh,       P, JSON, WR, false, NULL },
	{ "POST",   "/api/auth/logout",                    handle_auth_logout,        U, MAY,  WR, false, NULL },
	{ "POST",   "/api/auth/register",                  handle_auth_register,      P, JSON, WR, false,
	    handle_auth_register_prepare },
	{ "GET",    "/api/auth/me",                        handle_user_get,           U, NONE, NO, false, NULL },
	{ "PATCH",  "/api/auth/me",                        handle_user_patch,         U, JSON, WR, false, NULL },
	{ "DELETE", "/api/auth/me",                        handle_user_erase,         U, JSON, WR, false,
	    handle_user_erase_prepare },
	{ "POST",   "/api/auth/password",                  handle_user_password,      U, JSON, WR, false,
	    handle_user_password_prepare },
	{ "GET",    "/api/auth/sessions",                  handle_session_list,       U, NONE, RD, false, NULL },
	{ "DELETE", "/api/auth/sessions/{id}",             handle_session_delete,     U, NONE, WR, false, NULL },

	{ "GET",    "/api/meetings",                       handle_meeting_list,       U, NONE, RD, false, NULL },
	{ "POST",   "/api/meetings",                       handle_meeting_create,     U, JSON, WR, true,  NULL },
	{ "GET",    "/api/meetings/{id}",                  handle_meeting_get,        U, NONE, RD, false, NULL },
	{ "PATCH",  "/api/meetings/{id}",                  handle_meeting_patch,      U, JSON, WR, false, NULL },
	{ "DELETE", "/api/meetings/{id}",                  handle_meeting_delete,     U, NONE, WR, false, NULL },
	{ "POST",   "/api/meetings/{id}/participants",     handle_participant_add,    U, JSON, WR, true,  NULL },
	{ "DELETE", "/api/meetings/{id}/participants/{id}", handle_participant_remove, U, NONE, WR, false, NULL },
	{ "GET",    "/api/meetings/{id}/bans",             handle_ban_list,           U, NONE, RD, false, NULL },
	{ "POST",   "/api/meetings/{id}/bans",             handle_ban_add,            U, JSON, WR, true,  NULL },
	{ "DELETE", "/api/meetings/{id}/bans/{id}",        handle_ban_remove,         U, NONE, WR, false, NULL },
	{ "POST",   "/api/meetings/{id}/kick",             handle_ban_kick,           U, JSON, WR, false,
	    handle_ban_kick_prepare },

	{ "POST",   "/api/meetings/{id}/ticket",           handle_ticket_create,      U, MAY,  WR, false, NULL },
	{ "GET",    "/api/meetings/{id}/access",           handle_access_get,         U, NONE, NO, false, NULL },
	{ "GET",    "/api/meetings/{id}/presence",         handle_presence_get,       U, NONE, NO, false, NULL },
	{ "GET",    "/api/ice-servers",                    handle_ice_list,           U, NONE, NO, false, NULL },

	{ "GET",    "/api/calls",                          handle_call_list,          U, NONE, RD, false, NULL },
	{ "POST",   "/api/calls",                          handle_call_start,         U, JSON, WR, true,  NULL },
	{ "GET",    "/api/calls/{id}",                     handle_call_get,           U, NONE, RD, false, NULL },
	{ "POST",   "/api/calls/{id}/end",                 handle_call_end,           U, MAY,  WR, true,  NULL },
	{ "GET",    "/api/calls/{id}/attendance.csv",      handle_attendance_csv,     U, NONE, RD, false, NULL },

	{ "GET",    "/api/openapi.json",                   handle_openapi_get,        P, NONE, NO, false, NULL },
	{ "GET",    "/api/asyncapi.json",                  handle_openapi_get,        P, NONE, NO, false, NULL },
#undef P
#undef U
#undef NONE
#undef MAY
#undef JSON
#undef NO
#undef RD
#undef WR
};

size_t
route_count(void)
{
	return COUNTOF(routes);
}

const struct route *
route_at(size_t i)
{
	return i < COUNTOF(routes) ? &routes[i] : NULL;
}

const struct route *
route_find(const struct request *request, struct arena *arena, int64_t id_r[HANDLE_IDS], const char **allow_r)
{
	const char *allow = NULL;

	for (size_t i = 0; i < COUNTOF(routes); i++) {
		int64_t id[HANDLE_IDS] = { 0 };

		if (!matches(routes[i].pattern, request, id))
			continue;
		if (method_is(&routes[i], request->method)) {
			memcpy(id_r, id, sizeof(id));
			return &routes[i];
		}
		allow = arena_printf(arena, "%s%s%s%s", allow != NULL ? allow : "", allow != NULL ? ", " : "",
		    routes[i].method, strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
	}
	*allow_r = allow;
	return NULL;
}

/* HEAD is a GET whose body the edge leaves out. */
static bool
method_is(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	    (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static bool
matches(const char *pattern, const struct request *request, int64_t id_r[HANDLE_IDS])
{
	size_t ids = 0, i = 0;

	for (; *pattern == '/'; i++) {
		struct slice part = { pattern + 1, strcspn(pattern + 1, "/") };

		pattern += 1 + part.n;
		if (i == request->segments)
			return false;
		if (str_equal(part, "{id}")) {
			const char *text = request->segment[i];

			if (!str_to_int(text, strlen(text), 1, INT64_MAX, &id_r[ids++]))
				return false;
		} else if (!str_equal(part, request->segment[i]))
			return false;
	}
	return i == request->segments;
}
