// Owns time on a real clock: reads, ticks and writes at absolute deadlines in a thread of its own.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "handloop/controller.hpp"
#include "handloop/histogram.hpp"
#include "handloop/plant.hpp"

namespace handloop {

inline std::int64_t monotonic_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// What the loop did so far; a copy, taken without stopping it.
struct LoopStatus {
  std::uint64_t ticks = 0;
  std::uint64_t missed = 0;  // deadlines that had passed before their tick began
  double time = 0.0;         // [s], the plant's clock
  SafetyState safety = SafetyState::kOk;
  Fault fault = Fault::kNone;
  int joint_count = 0;
  std::array<double, kMaxJoints> q{}, torque{};
};

class Loop {
 public:
  // Both must outlive the loop and belong to it alone while it runs.
  Loop(Plant& plant, Controller& controller) : plant_(plant), controller_(controller) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { stop(); }

  // Lockstep: runs on the plant's own clock in the caller's thread, as fast as it goes. Returns the
  // ticks done, fewer than asked when the plant could not go on.
  std::uint64_t run_lockstep(std::uint64_t ticks) {
    stop();
    std::uint64_t done = 0;
    while (done < ticks && tick_once(done + 1, 0)) ++done;
    return done;
  }

  // Starts the thread; `max_ticks` 0 runs until stop(). Either way it ends with zero torque and a
  // controller that is STOPPED until it is reset. With `realtime` it asks for SCHED_FIFO and
  // locked memory; what was not granted is said in realtime_message().
  void start(std::uint64_t max_ticks, bool realtime) {
    stop();
    stop_requested_ = false;
    finished_ = false;
    lateness_.clear();
    duration_.clear();
    status_ = {};
    realtime_message_ = kNotAsked;
    if (realtime) lock_memory();
    thread_ = std::thread([this, max_ticks] { run(max_ticks); });
    if (realtime) raise_priority(thread_.native_handle());
  }

  // Limp, then quiet. Safe to call twice.
  void stop() {
    stop_requested_ = true;
    if (thread_.joinable()) thread_.join();
    if (memory_locked_) munlockall();
    memory_locked_ = false;
  }

  bool running() const { return thread_.joinable() && !finished_; }

  LoopStatus status() const {
    LoopStatus copy;
    std::uint64_t before, after;
    do {  // a sequence lock: retry when the writer came in between
      before = version_.load(std::memory_order_acquire);
      copy = status_;
      std::atomic_thread_fence(std::memory_order_acquire);
      after = version_.load(std::memory_order_relaxed);
    } while (before != after || (before & 1));
    return copy;
  }

  const Histogram& lateness() const { return lateness_; }  // [ns] from deadline to start of tick
  const Histogram& duration() const { return duration_; }  // [ns] of Controller::tick
  std::string realtime_message() const { return realtime_message_; }

 private:
  void lock_memory() {
    memory_locked_ = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
    realtime_message_ = memory_locked_
                            ? "memory locked"
                            : std::string("memory not locked (") + std::strerror(errno) + ")";
  }

  void raise_priority(pthread_t thread) {
    sched_param priority{};
    priority.sched_priority = 80;
    const int refused = pthread_setschedparam(thread, SCHED_FIFO, &priority);
    realtime_message_ += refused
                             ? std::string(", SCHED_FIFO refused (") + std::strerror(refused) + ")"
                             : ", SCHED_FIFO 80";
  }

  static void sleep_until(std::int64_t deadline) {
    timespec t{deadline / 1'000'000'000LL, deadline % 1'000'000'000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
    }
  }

  void run(std::uint64_t max_ticks) {
    prctl(PR_SET_TIMERSLACK, 1UL);
    const auto period = static_cast<std::int64_t>(controller_.period() * 1e9);
    std::int64_t deadline = monotonic_ns();
    std::uint64_t done = 0, missed = 0;
    while (max_ticks == 0 || done < max_ticks) {
      sleep_until(deadline);
      if (stop_requested_.load(std::memory_order_relaxed)) break;
      lateness_.record(monotonic_ns() - deadline);
      ++done;
      if (!tick_once(done, missed)) break;
      deadline += period;
      // Deadlines already gone are counted and skipped, never run in a burst.
      if (const std::int64_t behind = monotonic_ns() - deadline; behind > 0) {
        const std::int64_t lost = (behind + period - 1) / period;
        missed += static_cast<std::uint64_t>(lost);
        deadline += lost * period;
      }
    }
    go_limp(done, missed);
    finished_ = true;
  }

  // However the loop ends, the last thing the plant is told is zero torque.
  void go_limp(std::uint64_t ticks, std::uint64_t missed) {
    controller_.request_stop();
    plant_.read(state_);
    const HandCommand& command = controller_.tick(state_, plant_.now());
    plant_.write(command);
    publish(ticks, missed, command);
  }

  bool tick_once(std::uint64_t ticks, std::uint64_t missed) {
    plant_.read(state_);
    const std::int64_t begin = monotonic_ns();
    const HandCommand& command = controller_.tick(state_, plant_.now());
    duration_.record(monotonic_ns() - begin);
    plant_.write(command);
    publish(ticks, missed, command);
    return plant_.advance();
  }

  void publish(std::uint64_t ticks, std::uint64_t missed, const HandCommand& command) {
    version_.fetch_add(1, std::memory_order_acq_rel);
    status_.ticks = ticks;
    status_.missed = missed;
    status_.time = command.time;
    status_.safety = controller_.safety().state();
    status_.fault = controller_.safety().fault();
    status_.joint_count = static_cast<int>(command.torque.size());
    std::copy_n(state_.q.data(), state_.q.size(), status_.q.begin());
    std::copy_n(command.torque.data(), command.torque.size(), status_.torque.begin());
    version_.fetch_add(1, std::memory_order_release);
  }

  Plant& plant_;
  Controller& controller_;
  HandState state_;
  Histogram lateness_, duration_;
  LoopStatus status_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> stop_requested_{false}, finished_{false};
  std::thread thread_;
  bool memory_locked_ = false;
  static constexpr const char* kNotAsked = "real-time scheduling not asked for";
  std::string realtime_message_ = kNotAsked;
};

}  // namespace handloop
