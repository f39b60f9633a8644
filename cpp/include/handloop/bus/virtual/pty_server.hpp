// Virtual servos behind a pseudo-terminal, on the wall clock: any program that drives real ones
// through a serial port drives these.
//
// A thread of its own runs the bus. It sleeps until the next byte is due, or the client writes, so
// bytes come at the rate of the line.
#pragma once

#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "handloop/bus/virtual/pseudo_terminal.hpp"
#include "handloop/bus/virtual/virtual_bus.hpp"

namespace handloop::bus::virtual_servo {

class PtyServer {
 public:
  // `mutex` guards the bus against whoever else looks at it while the server runs. Off
  // `follows_baud`, the servos hear whatever baud rate the client has set.
  PtyServer(VirtualBus& bus, std::mutex& mutex, bool follows_baud = true)
      : bus_(bus), mutex_(mutex), follows_baud_(follows_baud) {
    const std::scoped_lock lock(mutex_);
    bus_.check_baud(follows_baud_);
    thread_ = std::thread([this] { serve(); });
  }
  PtyServer(const PtyServer&) = delete;
  PtyServer& operator=(const PtyServer&) = delete;
  ~PtyServer() { stop(); }

  // What a client opens.
  const std::string& path() const { return terminal_.path(); }

  // Comes back when the bus is nobody's again; its clock stands still from then on.
  void stop() {
    stopping_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    bus_.check_baud(true);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t kIdle = 5'000'000;     // [ns], between two looks at a quiet line
  static constexpr std::int64_t kShortSleep = 50'000;  // [ns], no shorter one is worth it

  void serve() {
    ::prctl(PR_SET_TIMERSLACK, 1000UL);  // [ns]; 50 us otherwise
    const Clock::time_point begin = Clock::now();
    const std::int64_t from = bus_.now();
    while (!stopping_) {
      const auto passed = std::chrono::nanoseconds(Clock::now() - begin).count();
      terminal_.wait(exchange(from + passed));
    }
  }

  // Brings the bus to `now`, hands bytes over in both directions; returns how long to sleep [ns].
  std::int64_t exchange(std::int64_t now) {
    std::array<std::uint8_t, 4096> room;
    const std::size_t sent = terminal_.read(room);
    const std::scoped_lock lock(mutex_);
    bus_.advance(now);
    if (sent > 0) {
      const std::uint32_t baud = terminal_.baud();
      if (follows_baud_ && baud > 0) bus_.set_host_baud(baud);
      bus_.send(std::span(room).first(sent));
    }
    while (const std::size_t heard = bus_.take(room)) terminal_.write(std::span(room).first(heard));
    const std::int64_t next = bus_.next_on_line();
    return next == kNever ? kIdle : std::clamp(next - now, kShortSleep, kIdle);
  }

  VirtualBus& bus_;
  std::mutex& mutex_;
  bool follows_baud_;
  PseudoTerminal terminal_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace handloop::bus::virtual_servo
