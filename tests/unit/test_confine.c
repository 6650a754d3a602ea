/* confine: what is refused afterwards, in every thread, and what goes on. */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine.h"

#define PR_GET_MDWE_	66	/* Linux 6.3 */

typedef bool	trial(void);

/* All of it is for good: each trial has a process of its own.  True if it ended with true. */
static bool
confined(trial *tried)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		confine_start();
		_exit(tried() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
is_refused(long result)
{
	return result == -1 && errno == EPERM;
}

static bool
execute(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	return is_refused(execve("/bin/true", argv, environ)) &&
	    is_refused(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, environ, 0));
}

static void
no_program_is_executed(void **state)
{
	(void)state;
	assert_true(confined(execute));
}

static bool
execute_in_a_child(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(execute() ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void
who_is_forked_is_confined_as_well(void **state)
{
	(void)state;
	assert_true(confined(execute_in_a_child));
}

/* Without arguments that would be good for anything: who is allowed to ask hears EINVAL, EFAULT or ESRCH. */
static bool
ask_for_rights(void)
{
	static const int calls[] = {
		SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_setuid, SYS_setresuid,
		SYS_setgroups, SYS_capset, SYS_unshare, SYS_setns, SYS_personality, SYS_mount, SYS_umount2, SYS_chroot,
		SYS_pivot_root, SYS_fsopen, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
		SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl, SYS_add_key,
		SYS_request_key, SYS_open_by_handle_at, SYS_clock_settime, SYS_sethostname,
	};

	for (size_t i = 0; i < COUNTOF(calls); i++)
		if (!is_refused(syscall(calls[i], -1, NULL, 0, 0, 0, 0)))
			return false;
	return true;
}

static void
no_right_is_gained(void **state)
{
	(void)state;
	assert_true(confined(ask_for_rights));
}

static bool
make_a_namespace(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return is_refused(pid) && syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS;
}

static void
no_namespace_is_made(void **state)
{
	(void)state;
	assert_true(confined(make_a_namespace));
}

#if defined(__x86_64__)
/* getpid(2) by its other numbers: x32's, and 20, as a program of 32 bits says it. */
static bool
speak_another_way(void)
{
	long pid = 20;

	__asm__ volatile("int $0x80" : "+a"(pid) : : "memory", "r8", "r9", "r10", "r11");
	return is_refused(syscall(0x40000000 | SYS_getpid)) && (pid == -EPERM || pid == -ENOSYS);
}

static void
nothing_is_asked_by_another_architectures_numbers(void **state)
{
	(void)state;
	assert_true(confined(speak_another_way));
}
#endif

struct thread {
	sem_t	go;
	bool	refused;
};

static void *
wait_and_execute(void *arg)
{
	struct thread *thread = arg;

	sem_wait(&thread->go);
	thread->refused = execute() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	return NULL;
}

/* Not confined() before: that would do it for the thread as well. */
static bool
confine_with_a_thread(void)
{
	struct thread thread = { .refused = false };
	pthread_t id;

	sem_init(&thread.go, 0, 0);
	if (pthread_create(&id, NULL, wait_and_execute, &thread) != 0)
		return false;
	confine_start();
	sem_post(&thread.go);
	pthread_join(id, NULL);
	return thread.refused;
}

static void
threads_that_were_there_before_are_confined(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(confine_with_a_thread() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool
look_at_limits(void)
{
	struct rlimit core;

	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 &&
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

static void
no_core_is_dumped(void **state)
{
	(void)state;
	assert_true(confined(look_at_limits));
}

static bool
show(void)
{
	confine_hide(false);
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
}

static void
it_can_be_shown_again(void **state)
{
	(void)state;
	assert_true(confined(show));
}

/* Where the kernel knows it. */
static bool
write_and_execute(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (prctl(PR_GET_MDWE_, 0, 0, 0, 0) <= 0)
		return true;
	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == -1 && errno == EACCES;
}

static void
what_was_written_is_not_executed(void **state)
{
	(void)state;
	assert_true(confined(write_and_execute));
}

static void *
nothing(void *arg)
{
	return arg;
}

/* What SQLite, ZeroMQ, libcurl and the log do all the time. */
static bool
work(void)
{
	char *const name = strdup("/tmp/unio-confine-XXXXXX");
	int fd = mkstemp(name), pair[2] = { -1, -1 };
	pthread_t thread;
	bool ok = fd != -1 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && ftruncate(fd, 0) == 0 && unlink(name) == 0;

	free(name);
	return ok && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && write(pair[0], "x", 1) == 1 &&
	    pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0 &&
	    socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) != -1 &&
	    open("/proc/self/stat", O_RDONLY | O_CLOEXEC) != -1 &&
	    open("/proc/self/fd", O_RDONLY | O_CLOEXEC) != -1 && kill(getpid(), 0) == 0;
}

static void
the_daily_work_goes_on(void **state)
{
	(void)state;
	assert_true(confined(work));
}

static bool
stay_open(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
}

/* Sanitizers are in the way; valgrind, which knows nothing of filters, is named by who starts us with it. */
static void
where_it_cannot_it_does_nothing(void **state)
{
	(void)state;
	assert_true(confine_can() || confined(stay_open));
}

int
main(void)
{
	const struct CMUnitTest elsewhere[] = {
		cmocka_unit_test(where_it_cannot_it_does_nothing),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_program_is_executed),
		cmocka_unit_test(who_is_forked_is_confined_as_well),
		cmocka_unit_test(no_right_is_gained),
		cmocka_unit_test(no_namespace_is_made),
#if defined(__x86_64__)
		cmocka_unit_test(nothing_is_asked_by_another_architectures_numbers),
#endif
		cmocka_unit_test(threads_that_were_there_before_are_confined),
		cmocka_unit_test(no_core_is_dumped),
		cmocka_unit_test(it_can_be_shown_again),
		cmocka_unit_test(what_was_written_is_not_executed),
		cmocka_unit_test(the_daily_work_goes_on),
	};

	if (!confine_can() || getenv("SANITIZE") != NULL)
		return cmocka_run_group_tests(elsewhere, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
