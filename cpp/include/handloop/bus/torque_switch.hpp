// Torque on and off, in an order in which no servo can push before it was told how hard, and never
// without being read back: a packet to several servos is answered by none of them.
#pragma once

#include <bitset>

#include "handloop/bus/hand_bus.hpp"

namespace handloop::bus {

using ServoSet = std::bitset<kMaxJoints>;

class TorqueSwitch {
 public:
  explicit TorqueSwitch(HandBus& bus) : bus_(bus) {}

  // Whether any servo can be switched at all.
  bool present() const {
    for (std::size_t i = 0; i < bus_.size(); ++i) {
      if (bus_.joint(i).drive().torque) return true;
    }
    return false;
  }

  // Goals that do not move it, then the watchdogs, then torque: in current mode a servo starts at
  // its limit. Returns who did not confirm; then torque is off again everywhere.
  ServoSet engage() {
    feed_watchdogs(false);  // one that has run out refuses goals
    ServoSet open = settle([&](std::size_t i) { return bus_.joint(i).rest(); },
                           [&](std::size_t i, Bytes b) { return bus_.joint(i).has_goals(b); });
    if (open.none()) open = settle_byte([&](std::size_t i) { return watchdog(i, true); });
    if (open.none()) open = settle_byte([&](std::size_t i) { return torque(i, true); });
    if (open.any()) release();
    return open;
  }

  // Returns who did not confirm. Said more than once, because it may be the last word.
  ServoSet release() {
    bus_.forgive();
    for (int n = 0; n < kTries; ++n) say_off();
    return settle_byte([&](std::size_t i) { return torque(i, false); });
  }

  // As part of a tick: nobody is asked whether it was heard. A new position would switch torque on
  // where a servo is set up for that.
  void say_off() {
    bus_.tell([&](std::size_t i) {
      ServoJoint& joint = bus_.joint(i);
      return joint.drive().torque && joint.holds() ? Registers{} : joint.rest();
    });
    bus_.tell([&](std::size_t i) { return registers(torque(i, false), i); });
  }

  // Servos that hold a position do so by themselves from now on, the others let go. Returns who did
  // not confirm.
  ServoSet hold() {
    feed_watchdogs(false);  // nobody will feed them
    return settle([&](std::size_t i) { return bus_.joint(i).stay(); },
                  [&](std::size_t i, Bytes b) { return bus_.joint(i).has_goals(b); }) |
           settle_byte(
               [&](std::size_t i) { return bus_.joint(i).holds() ? Setting{} : torque(i, false); });
  }

  // `on`: also those that have run out go on.
  void feed_watchdogs(bool on) {
    bus_.tell([&](std::size_t i) { return registers(watchdog(i, false), i); });
    if (on) bus_.tell([&](std::size_t i) { return registers(watchdog(i, true), i); });
  }

 private:
  static constexpr int kTries = 3;
  static constexpr std::array<std::uint8_t, 2> kSwitch{0, 1};  // off, on
  static constexpr std::uint8_t kOff = 0;

  // One byte that a servo shall have; null where it has no such register.
  struct Setting {
    std::uint16_t address = 0;
    const std::uint8_t* value = nullptr;
  };

  Setting torque(std::size_t i, bool on) const {
    const auto& address = bus_.joint(i).drive().torque;
    return address ? Setting{*address, &kSwitch[on]} : Setting{};
  }
  Setting watchdog(std::size_t i, bool on) const {
    const auto& w = bus_.joint(i).drive().watchdog;
    return w ? Setting{w->address, on ? &w->value : &kOff} : Setting{};
  }
  Registers registers(const Setting& s, std::size_t i) const {
    if (!s.value) return {};
    return {bus_.joint(i).id(), s.address, 1, Bytes(s.value, 1)};
  }

  template <typename Choose>
  ServoSet settle_byte(Choose choose) {
    return settle([&](std::size_t i) { return registers(choose(i), i); },
                  [&](std::size_t i, Bytes block) { return block[0] == *choose(i).value; });
  }

  // Tells servos something until they are seen to have it; returns who never did.
  template <typename Say, typename Has>
  ServoSet settle(Say say, Has has) {
    ServoSet open;
    for (std::size_t i = 0; i < bus_.size(); ++i) open[i] = say(i).size > 0;
    for (int n = 0; n < kTries && open.any(); ++n) {
      bus_.tell([&](std::size_t i) { return open[i] ? say(i) : Registers{}; });
      for (std::size_t i = 0; i < bus_.size(); ++i) {
        if (!open[i]) continue;
        const Line::Answer answer = bus_.ask(i, say(i));
        const bool heard = answer.outcome == Outcome::kAnswered && answer.reply.refusal == 0;
        open[i] = !(heard && has(i, answer.reply.data));
      }
    }
    return open;
  }

  HandBus& bus_;
};

}  // namespace handloop::bus
