/* Preloaded into a process: makes cpuid fault, and answers it without VNNI and AMX; where
   OLDER_PROCESSOR is "avx2", without AVX-512 either. See older_processor.py. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012

static int only_avx2;

static long fault(int on) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, on ? 0 : 1); }

static void answer(int number, siginfo_t *info, void *given) {
    greg_t *registers = ((ucontext_t *)given)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    if (code[0] != 0x0f || code[1] != 0xa2) {
        signal(number, SIG_DFL);
        return;
    }
    uint32_t leaf = registers[REG_RAX], sub = registers[REG_RCX];
    uint32_t a = leaf, b, c = sub, d;
    fault(0);
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    fault(1);
    if (leaf == 7 && sub == 0) {
        c &= ~(1u << 11);
        d &= ~((1u << 22) | (1u << 24) | (1u << 25));
        if (only_avx2) {
            b &= ~((1u << 16) | (1u << 17) | (1u << 21) | (1u << 26) | (1u << 27) | (1u << 28) |
                   (1u << 30) | (1u << 31));
            c &= ~((1u << 1) | (1u << 6) | (1u << 12) | (1u << 14));
            d &= ~((1u << 2) | (1u << 3) | (1u << 8) | (1u << 23));
        }
    } else if (leaf == 7 && sub == 1) {
        a &= ~((1u << 4) | (1u << 5) | (1u << 21));
        d &= ~((1u << 4) | (1u << 5) | (1u << 10));
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
    (void)info;
}

__attribute__((constructor)) static void start(void) {
    const char *kind = getenv("OLDER_PROCESSOR");
    if (!kind) return;
    only_avx2 = !strcmp(kind, "avx2");
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    if (fault(1)) _exit(97);
}
