#ifndef SELAT_CLINUX_SHIM_H
#define SELAT_CLINUX_SHIM_H
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How the kernel runs the calling thread: `policy` is SCHED_NORMAL or SCHED_BATCH, `slice` how long
   it may go on once it runs, in nanoseconds (100,000 to 100,000,000, or 0 for the kernel's own; a
   kernel before 6.12 takes its own). Needs no privilege, keeps the niceness. 0, or -1 with `errno`.
   Source: sched(7), sched_setattr(2). */
static inline int selat_schedule(int policy, unsigned long long slice) {
    struct sched_attr attributes = {
        .size = sizeof attributes,
        .sched_policy = (unsigned)policy,
        .sched_nice = getpriority(PRIO_PROCESS, 0),
        .sched_runtime = slice,
    };
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
#endif
