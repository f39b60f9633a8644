// The registers of a virtual servo, and what a real one refuses to have written into them.
//
// Which registers there are is data: a list of `RegisterSpec`. The rules are those of the ROBOTIS
// e-Manual ("Protocol 2.0", Error of a status packet; the X series' control tables): an address
// that is not there, read-only or locked is an access error; half a register a length error; a
// value outside the register's range a range error, outside a configured limit a limit error. A
// write that spans several registers is done as a whole or not at all.
#pragma once

#include <array>
#include <bitset>
#include <cstring>
#include <vector>

#include "handloop/bus/dynamixel_packet.hpp"
#include "handloop/bus/dynamixel_request.hpp"
#include "handloop/bus/virtual/register_spec.hpp"

namespace handloop::bus::virtual_servo {

using dynamixel::Error;
using dynamixel::FactoryReset;

struct Written {
  Error error = Error::kNone;
  RoleSet roles;  // of the registers written
};

class ControlTable {
 public:
  static constexpr std::size_t kSize = 1024;

  ControlTable(const std::vector<RegisterSpec>& registers,
               const std::vector<IndirectBlock>& indirect)
      : registers_(registers), indirect_(indirect) {
    owner_.fill(-1);
    role_.fill(-1);
    for (std::size_t i = 0; i < registers_.size(); ++i) {
      const RegisterSpec& r = registers_[i];
      for (std::size_t k = 0; k < r.size; ++k) owner_[r.address + k] = static_cast<int>(i);
      if (r.role != Role::kNone) role_[index(r.role)] = static_cast<int>(i);
      encode(r, r.initial, saved_.data());
    }
    power_on();
  }

  bool has(Role role) const { return role_[index(role)] >= 0; }
  // 0 where the servo has no such register.
  std::int64_t get(Role role) const { return get(role, memory_.data()); }
  // What the servo itself stores: no rule holds, but what does not fit the register is cut off.
  void set(Role role, std::int64_t value) {
    if (has(role)) encode(spec(role), value, memory_.data());
  }
  // Also where it outlasts the power.
  void save(Role role, std::int64_t value) {
    if (has(role)) save(spec(role), value);
  }
  std::int64_t get(const RegisterSpec& r) const { return decode(r, memory_.data()); }
  void save(const RegisterSpec& r, std::int64_t value) {
    encode(r, value, memory_.data());
    encode(r, value, saved_.data());
  }
  const RegisterSpec* find(Role role) const { return has(role) ? &spec(role) : nullptr; }
  const std::vector<RegisterSpec>& registers() const { return registers_; }

  // Whether a new value is kept when the power goes; Feetech's lock switches it off.
  void keep_writes(bool keep) { keep_ = keep; }

  Error read(std::size_t address, std::span<std::uint8_t> out) const {
    if (out.empty() || address + out.size() > kSize) return Error::kAccess;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t at = resolve(address + i);
      if (at >= kSize || owner_[at] < 0) return Error::kAccess;
      out[i] = memory_[at];
    }
    return Error::kNone;
  }

  // `locked`: the EEPROM may not be written, because torque is on.
  Written write(std::size_t address, Bytes data, bool locked) {
    Written done = check(address, data, locked);
    if (done.error == Error::kNone) store(address, data);
    return done;
  }
  Written check(std::size_t address, Bytes data, bool locked) const {
    if (data.empty()) return {Error::kDataLength, {}};
    if (address + data.size() > kSize) return {Error::kAccess, {}};
    Image next = memory_;
    std::bitset<kSize> covered;
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::size_t at = resolve(address + i);
      if (at >= kSize || owner_[at] < 0) return {Error::kAccess, {}};
      const RegisterSpec& r = registers_[static_cast<std::size_t>(owner_[at])];
      if (!r.writable || (locked && r.area == Area::kEeprom)) return {Error::kAccess, {}};
      next[at] = data[i];
      covered.set(at);
    }
    return check_values(address, data.size(), next, covered);
  }

  // Feetech's way: nothing is refused. What is not there reads 0, what may not be written stays,
  // and a value out of range ends at its border.
  void peek(std::size_t address, std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = address + i < kSize ? memory_[address + i] : std::uint8_t{0};
    }
  }
  RoleSet force(std::size_t address, Bytes data) {
    RoleSet roles;
    for (std::size_t i = 0; i < data.size() && address + i < kSize; ++i) {
      const int owner = owner_[address + i];
      if (owner < 0 || !registers_[static_cast<std::size_t>(owner)].writable) continue;
      memory_[address + i] = data[i];
      roles.set(index(registers_[static_cast<std::size_t>(owner)].role));
    }
    for (const RegisterSpec& r : registers_) {
      if (!r.writable || r.address + r.size <= address || r.address >= address + data.size())
        continue;
      const std::int64_t value = std::clamp(decode(r, memory_.data()), r.min, r.max);
      encode(r, value, memory_.data());
      if (keep_) encode(r, value, saved_.data());
    }
    return roles;
  }

  // What the supply's coming back does: RAM as it left the factory, EEPROM as it was last written.
  void power_on() {
    memory_ = saved_;
    for (const RegisterSpec& r : registers_) {
      if (r.area == Area::kRam) encode(r, r.initial, memory_.data());
    }
  }
  void factory_reset(FactoryReset kind) {
    for (const RegisterSpec& r : registers_) {
      if (r.area != Area::kEeprom || !r.writable) continue;
      if (r.role == Role::kId && kind != FactoryReset::kAll) continue;
      if (r.role == Role::kBaud && kind == FactoryReset::kAllButIdAndBaud) continue;
      encode(r, r.initial, saved_.data());
    }
    power_on();
  }

  // A goal beyond a new limit comes down to it.
  void clamp_goals() {
    for (const Role goal : kGoals) {
      if (!has(goal)) continue;
      const Bounds b = bounds(spec(goal), memory_.data());
      set(goal, std::clamp(get(goal), b.low, b.high));
    }
  }

 private:
  using Image = std::array<std::uint8_t, kSize>;
  struct Bounds {
    std::int64_t low, high;
  };
  static constexpr std::array kGoals{Role::kGoalPwm, Role::kGoalCurrent, Role::kGoalVelocity,
                                     Role::kGoalPosition};
  static constexpr std::int64_t kPositionMode = 3;

  static constexpr std::size_t index(Role role) { return static_cast<std::size_t>(role); }
  const RegisterSpec& spec(Role role) const {
    return registers_[static_cast<std::size_t>(role_[index(role)])];
  }
  std::int64_t get(Role role, const std::uint8_t* image) const {
    return has(role) ? decode(spec(role), image) : 0;
  }
  static bool is_goal(Role role) {
    return std::find(kGoals.begin(), kGoals.end(), role) != kGoals.end();
  }

  // The address that is meant by one of indirect data. An indirect address that names indirect data
  // ends there.
  std::size_t resolve(std::size_t address) const {
    for (const IndirectBlock& block : indirect_) {
      if (address < block.data || address >= std::size_t{block.data} + block.slots) continue;
      return word_at({memory_.data(), kSize}, block.address + 2 * (address - block.data));
    }
    return address;
  }

  Written check_values(std::size_t address, std::size_t size, const Image& next,
                       const std::bitset<kSize>& covered) const {
    Written done;
    for (std::size_t i = 0; i < size; ++i) {
      const RegisterSpec& r = registers_[static_cast<std::size_t>(owner_[resolve(address + i)])];
      for (std::size_t k = 0; k < r.size; ++k) {
        if (!covered[r.address + k]) return {Error::kDataLength, {}};
      }
      if (const Error e = check_value(r, next.data()); e != Error::kNone) return {e, {}};
      done.roles.set(index(r.role));
    }
    return done;
  }

  Error check_value(const RegisterSpec& r, const std::uint8_t* next) const {
    const std::int64_t value = decode(r, next);
    if (value < r.min || value > r.max || !r.allows(value)) return Error::kDataRange;
    // Goals are read-only behind a bus watchdog that ran out.
    if (is_goal(r.role) && get(Role::kBusWatchdog) < 0) return Error::kDataRange;
    const Bounds b = bounds(r, next);
    return value < b.low || value > b.high ? Error::kDataLimit : Error::kNone;
  }

  // What other registers leave of the range of this one.
  Bounds bounds(const RegisterSpec& r, const std::uint8_t* image) const {
    const auto within = [&](Role limit) {
      const std::int64_t most = has(limit) ? get(limit, image) : r.max;
      return Bounds{-most, most};
    };
    switch (r.role) {
      case Role::kGoalPwm:
        return within(Role::kPwmLimit);
      case Role::kGoalCurrent:
        return within(Role::kCurrentLimit);
      case Role::kGoalVelocity:
        return within(Role::kVelocityLimit);
      case Role::kGoalPosition:
        if (get(Role::kOperatingMode, image) != kPositionMode) return {r.min, r.max};
        return {get(Role::kMinPosition, image), get(Role::kMaxPosition, image)};
      case Role::kMinPosition:
        return {r.min, get(Role::kMaxPosition, image)};
      case Role::kMaxPosition:
        return {get(Role::kMinPosition, image), r.max};
      default:
        return {r.min, r.max};
    }
  }

  void store(std::size_t address, Bytes data) {
    // All targets first: a write may change the indirect addresses it goes through.
    std::array<std::uint16_t, kSize> target;
    for (std::size_t i = 0; i < data.size(); ++i) {
      target[i] = static_cast<std::uint16_t>(resolve(address + i));
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      memory_[target[i]] = data[i];
      if (keep_) saved_[target[i]] = data[i];
    }
  }

  std::vector<RegisterSpec> registers_;
  std::vector<IndirectBlock> indirect_;
  std::array<int, kSize> owner_{};
  std::array<int, kRoles> role_{};
  Image memory_{}, saved_{};
  bool keep_ = true;
};

}  // namespace handloop::bus::virtual_servo
