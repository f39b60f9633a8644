// Virtual servos behind pseudo-terminals, one for each line, on the wall clock: any program that
// drives real ones through serial ports drives these.
//
// A thread of its own runs them. It sleeps until the next byte is due, or a client writes, so bytes
// come at the rate of the line.
#pragma once

#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "handloop/bus/virtual/pseudo_terminal.hpp"
#include "handloop/bus/virtual/virtual_world.hpp"

namespace handloop::bus::virtual_servo {

class PtyServer {
 public:
  // `mutex` guards the servos against whoever else looks at them while the server runs. Off
  // `follows_baud`, they hear whatever baud rate the client has set.
  PtyServer(VirtualWorld& world, std::mutex& mutex, bool follows_baud = true)
      : world_(world), mutex_(mutex), follows_baud_(follows_baud), terminals_(world.size()) {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < world_.size(); ++i) {
      world_.bus(i).check_baud(follows_baud_);
      polled_.push_back(terminals_[i].polled());
    }
    thread_ = std::thread([this] { serve(); });
  }
  PtyServer(const PtyServer&) = delete;
  PtyServer& operator=(const PtyServer&) = delete;
  ~PtyServer() { stop(); }

  // What a client of that line opens.
  const std::string& path(std::size_t line) const { return terminals_[line].path(); }

  // Comes back when the servos are nobody's again; their clock stands still from then on.
  void stop() {
    stopping_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    for (std::size_t i = 0; i < world_.size(); ++i) world_.bus(i).check_baud(true);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t kIdle = 5'000'000;     // [ns], between two looks at quiet lines
  static constexpr std::int64_t kShortSleep = 50'000;  // [ns], no shorter one is worth it

  void serve() {
    ::prctl(PR_SET_TIMERSLACK, 1000UL);  // [ns]; 50 us otherwise
    const Clock::time_point begin = Clock::now();
    const std::int64_t from = world_.now();
    while (!stopping_) {
      const auto passed = std::chrono::nanoseconds(Clock::now() - begin).count();
      const std::int64_t time = exchange(from + passed);
      const timespec limit{time / 1'000'000'000, time % 1'000'000'000};
      ::ppoll(polled_.data(), polled_.size(), &limit, nullptr);
    }
  }

  // Brings the lines to `now`, hands bytes over in both directions; returns how long to sleep [ns].
  std::int64_t exchange(std::int64_t now) {
    std::array<std::uint8_t, 4096> room;
    const std::scoped_lock lock(mutex_);
    world_.advance(now);
    for (std::size_t i = 0; i < terminals_.size(); ++i) {
      VirtualBus& bus = world_.bus(i);
      if (const std::size_t sent = terminals_[i].read(room)) {
        const std::uint32_t baud = terminals_[i].baud();
        if (follows_baud_ && baud > 0) bus.set_host_baud(baud);
        bus.send(std::span(room).first(sent));
      }
      while (const std::size_t heard = bus.take(room)) {
        terminals_[i].write(std::span(room).first(heard));
      }
    }
    const std::int64_t next = world_.next_on_line();
    return next == kNever ? kIdle : std::clamp(next - now, kShortSleep, kIdle);
  }

  VirtualWorld& world_;
  std::mutex& mutex_;
  bool follows_baud_;
  std::vector<PseudoTerminal> terminals_;
  std::vector<pollfd> polled_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace handloop::bus::virtual_servo
