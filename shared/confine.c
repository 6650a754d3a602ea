#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <unistd.h>

#include "confine.h"
#include "log.h"

#if defined(__has_feature)	/* clang's way to say it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED 1
#endif

#if defined(__x86_64__)
#define ARCHITECTURE	AUDIT_ARCH_X86_64
#define X32		0x40000000	/* calls of x32 are these and above: all of ours, by other numbers */
#elif defined(__aarch64__)
#define ARCHITECTURE	AUDIT_ARCH_AARCH64
#endif

#ifndef PR_SET_MDWE	/* Linux 6.3 */
#define PR_SET_MDWE		65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static void	refuse_calls(void);
static void	missing(const char *what);

#if defined(ARCHITECTURE)

#define INSTRUCTIONS	256	/* two for each call, and a few */

/* Of namespaces: with one of a user's own, a process is root in it, and much of the kernel open. */
#define NAMESPACES \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

struct program {
	struct sock_filter	code[INSTRUCTIONS];
	size_t			n;
};

static void	compile(struct program *program);
static void	add(struct program *program, unsigned code, uint32_t k, unsigned yes, unsigned no);
static void	answer(struct program *program, uint32_t action);
static int	install(const struct sock_fprog *filter, unsigned flags);

static const int refused[] = {
	/* other programs */
	SYS_execve, SYS_execveat,
	/* other processes */
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_getfd, SYS_kcmp,
	/* other users, other rights, other worlds */
	SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid,
	SYS_setgroups, SYS_capset, SYS_unshare, SYS_setns, SYS_personality,
	/* file systems */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig,
	SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_quotactl, SYS_swapon, SYS_swapoff, SYS_acct, SYS_mknodat,
	SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init,
	/* the kernel itself */
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_reboot,
	SYS_syslog, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_vhangup, SYS_lookup_dcookie,
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
	SYS_add_key, SYS_request_key, SYS_keyctl,
	/* the machine's clock and name */
	SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname,
#if defined(__x86_64__)
	SYS_mknod, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl,
#endif
};

_Static_assert(2 * COUNTOF(refused) + 16 <= INSTRUCTIONS, "the filter has room for all of them");

#endif

bool
confine_can(void)
{
#if defined(WATCHED)
	return false;
#else
	return true;
#endif
}

void
confine_start(void)
{
	const struct rlimit none = { 0, 0 };

	if (!confine_can())
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		missing("no_new_privs");
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		missing("core");
	confine_hide(true);
	/* older kernels than that say EINVAL, which is no news */
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0 && errno != EINVAL && errno != EPERM)
		missing("executable_memory");
	refuse_calls();
}

void
confine_hide(bool hide)
{
	if (confine_can() && prctl(PR_SET_DUMPABLE, hide ? 0 : 1, 0, 0, 0) != 0)
		missing("dumpable");
}

#if defined(ARCHITECTURE)

/* Every thread at once, those that libraries have started included; nothing is slowed down against Spectre: we run no
 * code of others.  Kernels before 4.17 do not know how to say that, nor to log. */
static void
refuse_calls(void)
{
	struct program program = { .n = 0 };
	struct sock_fprog filter = { .filter = program.code };

	compile(&program);
	filter.len = (unsigned short)program.n;
	if (install(&filter, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW) != 0 && install(&filter, 0) != 0)
		missing("seccomp");
}

/* seccomp(2) gives the number of a thread that did not follow, or -1. */
static int
install(const struct sock_fprog *filter, unsigned flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | flags, filter) == 0 ? 0 : -1;
}

/* Numbers mean something else for another architecture, so that its calls are refused altogether. */
static void
compile(struct program *program)
{
	const uint32_t eperm = SECCOMP_RET_ERRNO | EPERM;

	add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	answer(program, eperm);
	add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
#if defined(X32)
	add(program, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	answer(program, eperm);
#endif
	for (size_t i = 0; i < COUNTOF(refused); i++) {
		add(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refused[i], 0, 1);
		answer(program, eperm);
	}
	/* its arguments cannot be read here; the C library then takes clone(2), whose can */
	add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	answer(program, SECCOMP_RET_ERRNO | ENOSYS);
	add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args), 0, 0);
	add(program, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	answer(program, eperm);
	answer(program, SECCOMP_RET_ALLOW);
}

/* One instruction, which goes on so many further ones if its condition holds, or not. */
static void
add(struct program *program, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	program->code[program->n++] = (struct sock_filter){
		.code = (uint16_t)code, .jt = (uint8_t)yes, .jf = (uint8_t)no, .k = k,
	};
}

static void
answer(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

#else

static void
refuse_calls(void)
{
	log_debug("confine", LOG_TEXT("missing", "a filter of calls for this architecture"));
}

#endif

static void
missing(const char *what)
{
	log_warn("confine", LOG_TEXT("missing", what), LOG_ERRNO());
}
