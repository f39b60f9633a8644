// Owns time on a real clock: reads, ticks and writes at absolute deadlines in a thread of its own.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "handloop/black_box.hpp"
#include "handloop/claim.hpp"
#include "handloop/controller.hpp"
#include "handloop/histogram.hpp"
#include "handloop/plant.hpp"
#include "handloop/published.hpp"

namespace handloop {

inline std::int64_t monotonic_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// Time that this thread has worked.
inline std::int64_t thread_ns() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// What the loop did so far; a copy, taken without stopping it.
struct LoopStatus {
  std::uint64_t ticks = 0;
  std::uint64_t missed = 0;  // deadlines that had passed before their tick began
  double time = 0.0;         // [s], the plant's clock
  SafetyState safety = SafetyState::kOk;
  Fault fault = Fault::kNone;
  int fault_index = -1;  // the joint, finger or motor that the fault names
  int joint_count = 0, motor_count = 0, finger_count = 0;
  std::array<double, kMaxJoints> q{}, torque{};
  std::array<double, kMaxActuators> current{};  // [A], as the motors report it
  PerFinger<double> normal_force{};             // [N], as it is felt
};

class Loop {
 public:
  // Both must outlive the loop and belong to it alone while it runs. Throws std::invalid_argument
  // when the controller's period is too short to be kept.
  Loop(Plant& plant, Controller& controller)
      : plant_(plant),
        controller_(controller),
        period_ns_(whole_ns(controller.period())),
        black_box_(controller) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { stop(); }

  // Lockstep: runs on the plant's own clock in the caller's thread, as fast as that goes. Returns
  // the ticks done, fewer than asked when the plant could not go on. Throws std::runtime_error when
  // plant or controller are in use, by this loop's own thread for instance, or the plant not ready.
  std::uint64_t run_lockstep(std::uint64_t ticks) {
    const std::lock_guard lock(control_);
    if (!running_) finish();
    const Claims claims(plant_, controller_, Claim::By::kLoop);
    plant_.check_ready();
    stepped_ = true;
    std::int64_t deadline = monotonic_ns();
    std::uint64_t done = 0;
    while (done < ticks && tick_once(done + 1, 0)) {
      ++done;
      if (!plant_.real_time()) continue;
      move_on(deadline);
      sleep_until(deadline);
    }
    return done;
  }

  // Starts the thread; `max_ticks` 0 runs until stop(). Either way it ends with zero torque, or
  // with a plant that holds its posture, and a controller that is STOPPED until it is reset. With
  // `realtime` it asks for SCHED_FIFO and locked memory; what was not granted is said in
  // realtime_message(). Throws as run_lockstep().
  void start(std::uint64_t max_ticks, bool realtime) {
    const std::lock_guard lock(control_);
    if (!running_) finish();
    auto claims = std::make_unique<Claims>(plant_, controller_, Claim::By::kLoop);
    plant_.check_ready();
    stop_requested_ = stepped_ = false;
    black_box_.clear();
    lateness_.clear();
    duration_.clear();
    response_.clear();
    status_.change([](LoopStatus& status) { status = {}; });
    say(kNotAsked);
    if (realtime) lock_memory();
    running_ = true;
    try {
      thread_ = std::thread([this, max_ticks] { run(max_ticks); });
    } catch (...) {
      running_ = false;
      throw;
    }
    claims_ = std::move(claims);
    if (realtime) raise_priority(thread_.native_handle());
  }

  // Limp, then quiet; from then on plant and controller are free again, also those of a loop that
  // ended by itself. Safe to call twice, and from several threads.
  void stop() {
    const std::lock_guard lock(control_);
    stop_requested_ = true;
    finish();
    if (std::exchange(stepped_, false)) let_go();
  }

  // From any thread, at any time, also before a start: zero torque from the next tick on, until the
  // controller is reset.
  void emergency_stop() { emergency_ = true; }

  // False as well once the thread has come to its own end.
  bool running() const { return running_; }

  LoopStatus status() const { return status_.copy(); }

  // Of a loop that does not run: a copy of its last seconds. Throws std::runtime_error while it
  // runs, in whichever thread.
  BlackBox black_box() const {
    const std::unique_lock lock(control_, std::try_to_lock);
    if (!lock || running_) {
      throw std::runtime_error("the loop is running; stop() it to read its black box");
    }
    return black_box_;
  }
  const Histogram& lateness() const { return lateness_; }  // [ns] from deadline to start of tick
  const Histogram& duration() const { return duration_; }  // [ns] of Controller::tick
  // [ns] from the moment the plant is asked for its sample until it has its command.
  const Histogram& response() const { return response_; }
  std::string realtime_message() const {
    const std::lock_guard lock(message_);
    return realtime_message_;
  }

 private:
  static std::int64_t whole_ns(double period) {
    if (!(period >= 1e-6)) {
      throw std::invalid_argument("a loop needs a period of at least 1 microsecond, not " +
                                  std::to_string(1e6 * period));
    }
    return std::llround(period * 1e9);
  }

  // Waits for the thread, if there is one. Whoever calls holds `control_`.
  void finish() {
    if (thread_.joinable()) thread_.join();
    claims_.reset();
    if (memory_locked_) munlockall();
    memory_locked_ = false;
  }

  // A run in lockstep has no thread that would do it at its end.
  void let_go() {
    try {
      const Claim claim(plant_, Claim::By::kLoop);
      plant_.let_go();
    } catch (const std::runtime_error&) {  // somebody else has it now
    }
  }

  void say(const std::string& message) {
    const std::lock_guard lock(message_);
    realtime_message_ = message;
  }

  void lock_memory() {
    memory_locked_ = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
    say(memory_locked_ ? "memory locked"
                       : std::string("memory not locked (") + std::strerror(errno) + ")");
  }

  void raise_priority(pthread_t thread) {
    sched_param priority{};
    priority.sched_priority = 80;
    const int refused = pthread_setschedparam(thread, SCHED_FIFO, &priority);
    say(realtime_message() +
        (refused ? std::string(", SCHED_FIFO refused (") + std::strerror(refused) + ")"
                 : ", SCHED_FIFO 80"));
  }

  static void sleep_until(std::int64_t deadline) {
    timespec t{deadline / 1'000'000'000LL, deadline % 1'000'000'000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
    }
  }

  void run(std::uint64_t max_ticks) {
    prctl(PR_SET_TIMERSLACK, 1UL);
    std::int64_t deadline = monotonic_ns();
    std::uint64_t done = 0, missed = 0;
    while (max_ticks == 0 || done < max_ticks) {
      sleep_until(deadline);
      if (stop_requested_.load(std::memory_order_relaxed)) break;
      lateness_.record(monotonic_ns() - deadline);
      ++done;
      if (!tick_once(done, missed)) break;
      missed += move_on(deadline);
    }
    go_limp(done, missed);
    running_ = false;
  }

  // To the next deadline. Those already gone are counted and skipped, never run in a burst.
  std::uint64_t move_on(std::int64_t& deadline) const {
    deadline += period_ns_;
    const std::int64_t behind = monotonic_ns() - deadline;
    if (behind <= 0) return 0;
    const std::int64_t lost = (behind + period_ns_ - 1) / period_ns_;
    deadline += lost * period_ns_;
    return static_cast<std::uint64_t>(lost);
  }

  // However the loop ends, the last thing the plant is told is zero torque, unless it holds its
  // posture by itself.
  void go_limp(std::uint64_t ticks, std::uint64_t missed) {
    const bool stays = controller_.safety().state() <= SafetyState::kDegraded && plant_.stay();
    controller_.request_stop();
    plant_.read(state_);
    const HandCommand& command = controller_.tick(state_, plant_.now());
    if (!stays) {
      plant_.write(command);
      plant_.let_go();
    }
    black_box_.record(state_, command, controller_);
    publish(ticks, missed, command);
  }

  bool tick_once(std::uint64_t ticks, std::uint64_t missed) {
    const std::int64_t asked = monotonic_ns();
    plant_.read(state_);
    if (emergency_.exchange(false, std::memory_order_relaxed)) state_.emergency_stop = true;
    // A simulated clock waits for its law, and the same run shall end the same on any machine.
    const std::int64_t worked = running_ ? thread_ns() : 0;
    const std::int64_t begin = monotonic_ns();
    const HandCommand& command = controller_.tick(state_, plant_.now());
    duration_.record(monotonic_ns() - begin);
    // The thread's own time: that others took the processor away is not the law's fault.
    if (running_) controller_.report_duration(thread_ns() - worked > period_ns_);
    plant_.write(command);
    response_.record(monotonic_ns() - asked);
    black_box_.record(state_, command, controller_);
    publish(ticks, missed, command);
    return plant_.advance();
  }

  void publish(std::uint64_t ticks, std::uint64_t missed, const HandCommand& command) {
    status_.change([&](LoopStatus& status) {
      status.ticks = ticks;
      status.missed = missed;
      status.time = command.time;
      status.safety = controller_.safety().state();
      status.fault = controller_.safety().fault();
      status.fault_index = controller_.safety().index();
      status.joint_count = static_cast<int>(command.torque.size());
      status.motor_count = static_cast<int>(state_.current.size());
      status.finger_count = controller_.model().finger_count;
      std::copy_n(state_.q.data(), state_.q.size(), status.q.begin());
      std::copy_n(command.torque.data(), command.torque.size(), status.torque.begin());
      std::copy_n(state_.current.data(), state_.current.size(), status.current.begin());
      for (std::size_t f = 0; f < kMaxFingers; ++f) {
        status.normal_force[f] = controller_.force_feedback().finger(static_cast<int>(f)).normal;
      }
    });
  }

  Plant& plant_;
  Controller& controller_;
  const std::int64_t period_ns_;
  HandState state_;
  BlackBox black_box_;
  Histogram lateness_, duration_, response_;
  Published<LoopStatus> status_;
  std::atomic<bool> stop_requested_{false}, emergency_{false}, running_{false};
  mutable std::mutex control_;  // of start, stop and run_lockstep; the thread never takes it
  mutable std::mutex message_;  // of the message below
  std::thread thread_;
  std::unique_ptr<Claims> claims_;  // while there is a thread
  bool memory_locked_ = false, stepped_ = false;
  static constexpr const char* kNotAsked = "real-time scheduling not asked for";
  std::string realtime_message_ = kNotAsked;
};

}  // namespace handloop
