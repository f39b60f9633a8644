// What a tick does, instruction by instruction: how many there are, and which of them go to the
// heap or to the kernel.
//
// A copy of the process (fork) ticks while this one makes it stop after every instruction (ptrace,
// PTRACE_SINGLESTEP) and looks where it is. Slow, some microseconds per instruction, but exact, and
// it asks for nothing: no counter of the processor, no valgrind, no symbols, and any law may be in
// the tick.
#pragma once

#include <dlfcn.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

namespace handloop {

struct TickTrace {
  int ticks = 0;
  std::uint64_t instructions = 0, instructions_max = 0;  // of all, of the longest tick
  std::uint64_t allocations = 0;  // calls of malloc and its like, and of free
  std::uint64_t system_calls = 0;
};

#if defined(__x86_64__)

class TickTracer {
 public:
  // Calls tick(0) to tick(count - 1) and traces every `stride`th of them, counted from the last.
  // Throws std::runtime_error where the system does not let one process trace another.
  template <typename Tick>
  static TickTrace trace(std::size_t count, std::size_t stride, Tick tick) {
    const OneProcessor here;  // the two take turns; on one processor they need not wake each other
    const pid_t child = fork();
    if (child < 0) refuse("fork");
    if (child == 0) be_traced(count, stride, tick);
    try {
      return follow(child);
    } catch (...) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      throw;
    }
  }

 private:
  static constexpr int kNoTracing = 77;

  // Binds this thread, and what it forks, to the processor it is on.
  class OneProcessor {
   public:
    OneProcessor() {
      known_ = sched_getaffinity(0, sizeof(before_), &before_) == 0;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(static_cast<std::size_t>(std::max(sched_getcpu(), 0)), &one);
      if (known_) sched_setaffinity(0, sizeof(one), &one);
    }
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;
    ~OneProcessor() {
      if (known_) sched_setaffinity(0, sizeof(before_), &before_);
    }

   private:
    cpu_set_t before_;
    bool known_;
  };

  [[noreturn]] static void refuse(const char* what) {
    throw std::runtime_error(std::string("a tick cannot be traced here: ") + what + ": " +
                             std::strerror(errno));
  }

  template <typename Tick>
  [[noreturn]] static void be_traced(std::size_t count, std::size_t stride, Tick tick) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNoTracing);
    for (std::size_t i = 0; i < count; ++i) {
      const bool traced = (count - 1 - i) % stride == 0;
      if (traced) raise(SIGSTOP);
      if (traced) begin();
      tick(i);
      if (traced) end();
    }
    _exit(0);
  }

  // Where the traced part begins and ends; the asm keeps each from being left out or merged.
  [[gnu::noinline]] static void begin() { asm volatile("# begin" ::: "memory"); }
  [[gnu::noinline]] static void end() { asm volatile("# end" ::: "memory"); }

  static TickTrace follow(pid_t child) {
    TickTrace trace;
    while (stopped(child)) {
      const std::uint64_t before = trace.instructions;
      step_to(child, address(&begin), nullptr);
      step_to(child, address(&end), &trace);
      ++trace.ticks;
      trace.instructions_max = std::max(trace.instructions_max, trace.instructions - before);
      ptrace(PTRACE_CONT, child, nullptr, nullptr);
    }
    return trace;
  }

  // False: the child has come to its end.
  static bool stopped(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) != child) refuse("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNoTracing) {
      errno = EPERM;
      refuse("ptrace");
    }
    if (WIFEXITED(status)) return false;
    const int signal = WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status);
    if (signal == SIGSTOP || signal == SIGTRAP) return true;
    throw std::runtime_error("the traced process was ended by signal " + std::to_string(signal));
  }

  static void step_to(pid_t child, std::uint64_t goal, TickTrace* trace) {
    for (;;) {
      const std::uint64_t at = program_counter(child);
      if (at == goal) return;
      if (trace) {
        ++trace->instructions;
        trace->allocations += is_heap(at);
        trace->system_calls += is_system_call(at);
      }
      if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) refuse("ptrace");
      if (!stopped(child)) throw std::runtime_error("the traced process ended within a tick");
    }
  }

  static std::uint64_t program_counter(pid_t child) {
    errno = 0;
    const long at = ptrace(PTRACE_PEEKUSER, child, offsetof(user_regs_struct, rip), nullptr);
    if (errno != 0) refuse("ptrace");
    return static_cast<std::uint64_t>(at);
  }

  static bool is_heap(std::uint64_t at) {
    static const std::array<std::uint64_t, 7> heap = [] {
      std::array<std::uint64_t, 7> addresses{};
      std::size_t i = 0;
      for (const char* name :
           {"malloc", "calloc", "realloc", "free", "aligned_alloc", "memalign", "posix_memalign"}) {
        addresses[i++] = reinterpret_cast<std::uint64_t>(dlsym(RTLD_DEFAULT, name));
      }
      return addresses;
    }();
    return std::find(heap.begin(), heap.end(), at) != heap.end();
  }

  // The child is a copy, so its code can be read here.
  static bool is_system_call(std::uint64_t at) {
    const auto* code = reinterpret_cast<const unsigned char*>(at);
    return code[0] == 0x0f && code[1] == 0x05;  // syscall
  }

  template <typename Function>
  static std::uint64_t address(Function* function) {
    return reinterpret_cast<std::uint64_t>(function);
  }
};

#else

class TickTracer {
 public:
  template <typename Tick>
  static TickTrace trace(std::size_t, std::size_t, Tick) {
    throw std::runtime_error("a tick cannot be traced here: only on x86-64");
  }
};

#endif

}  // namespace handloop
