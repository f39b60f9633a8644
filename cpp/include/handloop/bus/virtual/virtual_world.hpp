// Several lines of virtual servos on one clock, as a hand on more than one port has them.
//
// Events happen in the order of their times, whichever line they are on; of two at once that of the
// first line comes first. So a run is the same to the bit, however the host looks at its lines.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "handloop/bus/virtual/virtual_bus.hpp"

namespace handloop::bus::virtual_servo {

class VirtualWorld {
 public:
  // Before any time has passed; throws std::logic_error after that.
  VirtualBus& add(std::unique_ptr<VirtualBus> bus) {
    if (now_ > 0) throw std::logic_error("time has passed already; add all lines before it does");
    return *buses_.emplace_back(std::move(bus));
  }
  std::size_t size() const { return buses_.size(); }
  VirtualBus& bus(std::size_t i) { return *buses_[i]; }
  std::int64_t now() const { return now_; }  // [ns]

  void advance(std::int64_t until) {
    while (event(until)) continue;
    pass(until);
  }
  // Until a byte of that bus is there for the host, or to the deadline.
  void advance_to_answer(const VirtualBus& bus, std::int64_t deadline) {
    while (!bus.has_answer() && event(deadline)) continue;
    if (!bus.has_answer()) pass(deadline);
  }
  // When anything but a step happens next; kNever: all lines are quiet.
  std::int64_t next_on_line() const {
    std::int64_t next = kNever;
    for (const auto& bus : buses_) next = std::min(next, bus->next_on_line());
    return next;
  }

 private:
  // The next event up to `until`; false: there is none.
  bool event(std::int64_t until) {
    if (buses_.empty()) return false;
    VirtualBus& first = *std::min_element(buses_.begin(), buses_.end(), [](auto& a, auto& b) {
                           return a->next_event() < b->next_event();
                         })->get();
    if (!first.event(until)) return false;
    pass(first.now());
    return true;
  }

  void pass(std::int64_t time) {
    now_ = std::max(now_, time);
    for (const auto& bus : buses_) bus->pass(now_);
  }

  std::vector<std::unique_ptr<VirtualBus>> buses_;
  std::int64_t now_ = 0;  // [ns]
};

}  // namespace handloop::bus::virtual_servo
