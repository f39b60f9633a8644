// What a servo's registers are, as data, and what the emulator does with them.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>

namespace handloop::bus::virtual_servo {

// Registers that mean something to the emulator. All others only keep what is written.
enum class Role : std::uint8_t {
  kNone,
  kModelNumber,
  kFirmware,
  kId,
  kBaud,
  kReturnDelay,
  kDriveMode,
  kOperatingMode,
  kHomingOffset,
  kMovingThreshold,
  kTemperatureLimit,
  kMaxVoltage,
  kMinVoltage,
  kPwmLimit,
  kCurrentLimit,
  kVelocityLimit,
  kMaxPosition,
  kMinPosition,
  kShutdown,
  kTorqueEnable,
  kStatusReturnLevel,
  kRegistered,
  kHardwareError,
  kVelocityI,
  kVelocityP,
  kPositionD,
  kPositionI,
  kPositionP,
  kFeedforward2,
  kFeedforward1,
  kBusWatchdog,
  kGoalPwm,
  kGoalCurrent,
  kGoalVelocity,
  kProfileAcceleration,
  kProfileVelocity,
  kGoalPosition,
  kRealtimeTick,
  kMoving,
  kMovingStatus,
  kPresentPwm,
  kPresentCurrent,
  kPresentVelocity,
  kPresentPosition,
  kVelocityTrajectory,
  kPositionTrajectory,
  kPresentVoltage,
  kPresentTemperature,
  kPresentLoad,
  kTorqueLimit,
  kEepromLock,
  kSecondaryId,
  kGoalTime,
  kMaxTorque,
  kProtectionCurrent,
  kInitialPositionP,
  kInitialPositionD,
  kInitialPositionI,
  kStartupConfiguration,
  kBackupReady,
  kIndirectAddress,
  kCount,
};
inline constexpr std::size_t kRoles = static_cast<std::size_t>(Role::kCount);
using RoleSet = std::bitset<kRoles>;
inline bool contains(const RoleSet& roles, Role role) {
  return roles[static_cast<std::size_t>(role)];
}

enum class Area : std::uint8_t { kEeprom, kRam };

// How a number is written: in two's complement, or with one bit for the sign as Feetech does.
inline constexpr std::uint8_t kUnsigned = 0xFF, kTwosComplement = 0xFE;

struct RegisterSpec {
  std::uint16_t address = 0;
  std::uint8_t size = 1;  // [bytes], 1, 2 or 4
  Area area = Area::kRam;
  bool writable = true;
  std::uint8_t sign = kUnsigned;  // or kTwosComplement, or the bit that is the sign
  std::int64_t min = 0, max = 255, initial = 0;
  Role role = Role::kNone;
  std::uint32_t allowed = 0;  // bit n: n is a value it takes; 0: all from min to max
  bool big_endian = false;    // the high byte first

  bool allows(std::int64_t value) const {
    return allowed == 0 || (value >= 0 && value < 32 && (allowed >> value & 1U) != 0);
  }
  // Where its `k`th byte is, from the lowest on.
  std::size_t at(std::size_t k) const { return address + (big_endian ? size - 1 - k : k); }
};

// `slots` two-byte registers from `address` on, each naming the register behind one byte of `data`.
struct IndirectBlock {
  std::uint16_t address = 0, data = 0, slots = 0;
};

inline std::int64_t decode(const RegisterSpec& r, const std::uint8_t* image) {
  std::uint64_t raw = 0;
  for (std::size_t k = r.size; k-- > 0;) raw = raw << 8 | image[r.at(k)];
  if (r.sign == kUnsigned) return static_cast<std::int64_t>(raw);
  const int bit = r.sign == kTwosComplement ? 8 * r.size - 1 : r.sign;
  const auto low = static_cast<std::int64_t>(raw & ((std::uint64_t{1} << bit) - 1));
  if ((raw >> bit & 1U) == 0) return low;
  return r.sign == kTwosComplement ? low - (std::int64_t{1} << bit) : -low;
}

inline void encode(const RegisterSpec& r, std::int64_t value, std::uint8_t* image) {
  auto raw = static_cast<std::uint64_t>(value);
  if (r.sign < kTwosComplement) {
    const std::int64_t most = (std::int64_t{1} << r.sign) - 1;
    raw = static_cast<std::uint64_t>(std::min(value < 0 ? -value : value, most));
    if (value < 0) raw |= std::uint64_t{1} << r.sign;
  }
  for (std::size_t k = 0; k < r.size; ++k) {
    image[r.at(k)] = static_cast<std::uint8_t>(raw >> 8 * k);
  }
}

}  // namespace handloop::bus::virtual_servo
