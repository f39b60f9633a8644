// Two kinds of Dynamixel: the registers of the X430 series with current control, after the
// XM430-W350, and of the X330 series, after the XL330-M288 (ROBOTIS e-Manual, their control
// tables). Motor figures follow from each data sheet's stall torque, stall current and speed
// without load.
#pragma once

#include "handloop/bus/virtual/servo_model.hpp"

namespace handloop::bus::virtual_servo {

namespace detail {

struct Gains {
  std::int64_t velocity_i = 0, velocity_p = 0, position_p = 0;
};

struct DynamixelFigures {
  std::int64_t model, firmware, bauds, temperature, max_voltage, min_voltage, low_voltage;
  std::int64_t high_voltage, current, velocity, velocity_max, shutdown;
  std::int64_t first_protocol, protocols;
};

class RegisterList {
 public:
  explicit RegisterList(std::vector<RegisterSpec>& list) : list_(list) {}

  void fixed(std::uint16_t address, std::uint8_t size, std::int64_t initial, Role role,
             std::uint8_t sign = kUnsigned) {
    add(address, size, false, sign, 0, 0, initial, role);
  }
  void number(std::uint16_t address, std::uint8_t size, std::int64_t max, std::int64_t initial,
              Role role = Role::kNone, std::int64_t min = 0) {
    add(address, size, true, min < 0 ? kTwosComplement : kUnsigned, min, max, initial, role);
  }
  RegisterSpec& last() { return list_.back(); }

 private:
  static constexpr std::uint16_t kRam = 64;
  void add(std::uint16_t address, std::uint8_t size, bool writable, std::uint8_t sign,
           std::int64_t min, std::int64_t max, std::int64_t initial, Role role) {
    list_.push_back({address, size, address < kRam ? Area::kEeprom : Area::kRam, writable, sign,
                     min, max, initial, role, 0});
  }
  std::vector<RegisterSpec>& list_;
};

inline void add_eeprom(std::vector<RegisterSpec>& list, const DynamixelFigures& f) {
  RegisterList r(list);
  r.fixed(0, 2, f.model, Role::kModelNumber);
  r.fixed(2, 4, 0, Role::kNone);
  r.fixed(6, 1, f.firmware, Role::kFirmware);
  r.number(7, 1, 252, 1, Role::kId);
  r.number(8, 1, f.bauds - 1, 1, Role::kBaud);
  r.number(9, 1, 254, 250, Role::kReturnDelay);
  r.number(10, 1, 13, 0, Role::kDriveMode);
  r.number(11, 1, 16, 3, Role::kOperatingMode);
  r.last().allowed = 1U << 0 | 1U << 1 | 1U << 3 | 1U << 4 | 1U << 5 | 1U << 16;
  r.number(12, 1, 255, 255, Role::kSecondaryId);
  r.number(13, 1, f.protocols, 2, Role::kNone, f.first_protocol);
  r.last().sign = kUnsigned;
  r.number(20, 4, 1'044'479, 0, Role::kHomingOffset, -1'044'479);
  r.number(24, 4, 1023, 10, Role::kMovingThreshold);
  r.number(31, 1, 100, f.temperature, Role::kTemperatureLimit);
  r.number(32, 2, f.high_voltage, f.max_voltage, Role::kMaxVoltage, f.low_voltage);
  r.number(34, 2, f.high_voltage, f.min_voltage, Role::kMinVoltage, f.low_voltage);
  r.number(36, 2, 885, 885, Role::kPwmLimit);
  r.number(38, 2, f.current, f.current, Role::kCurrentLimit);
  r.number(44, 4, f.velocity_max, f.velocity, Role::kVelocityLimit);
  r.number(48, 4, 4095, 4095, Role::kMaxPosition);
  r.number(52, 4, 4095, 0, Role::kMinPosition);
  r.number(60, 1, 3, 0, Role::kStartupConfiguration);
  r.number(63, 1, 63, f.shutdown, Role::kShutdown);
}

inline void add_commands(std::vector<RegisterSpec>& list, const Gains& gains) {
  constexpr std::int64_t kGain = 16383, kTurns = 1'048'575;
  RegisterList r(list);
  r.number(64, 1, 1, 0, Role::kTorqueEnable);
  r.number(65, 1, 1, 0);
  r.number(68, 1, 2, 2, Role::kStatusReturnLevel);
  r.fixed(69, 1, 0, Role::kRegistered);
  r.fixed(70, 1, 0, Role::kHardwareError);
  r.number(76, 2, kGain, gains.velocity_i, Role::kVelocityI);
  r.number(78, 2, kGain, gains.velocity_p, Role::kVelocityP);
  r.number(80, 2, kGain, 0, Role::kPositionD);
  r.number(82, 2, kGain, 0, Role::kPositionI);
  r.number(84, 2, kGain, gains.position_p, Role::kPositionP);
  r.number(88, 2, kGain, 0, Role::kFeedforward2);
  r.number(90, 2, kGain, 0, Role::kFeedforward1);
  r.number(98, 1, 127, 0, Role::kBusWatchdog);
  r.last().sign = kTwosComplement;
  r.number(100, 2, 32767, 0, Role::kGoalPwm, -32768);
  r.number(102, 2, 32767, 0, Role::kGoalCurrent, -32768);
  r.number(104, 4, 2147483647, 0, Role::kGoalVelocity, -2147483648LL);
  r.number(108, 4, 32767, 0, Role::kProfileAcceleration);
  r.number(112, 4, 32767, 0, Role::kProfileVelocity);
  r.number(116, 4, kTurns, 0, Role::kGoalPosition, -kTurns);
}

inline void add_reports(std::vector<RegisterSpec>& list) {
  RegisterList r(list);
  r.fixed(120, 2, 0, Role::kRealtimeTick);
  r.fixed(122, 1, 0, Role::kMoving);
  r.fixed(123, 1, 0, Role::kMovingStatus);
  r.fixed(124, 2, 0, Role::kPresentPwm, kTwosComplement);
  r.fixed(126, 2, 0, Role::kPresentCurrent, kTwosComplement);
  r.fixed(128, 4, 0, Role::kPresentVelocity, kTwosComplement);
  r.fixed(132, 4, 0, Role::kPresentPosition, kTwosComplement);
  r.fixed(136, 4, 0, Role::kVelocityTrajectory, kTwosComplement);
  r.fixed(140, 4, 0, Role::kPositionTrajectory, kTwosComplement);
  r.fixed(144, 2, 0, Role::kPresentVoltage);
  r.fixed(146, 1, 0, Role::kPresentTemperature);
  r.fixed(147, 1, 0, Role::kBackupReady);
}

// Each slot names itself at first.
inline void add_indirect(ServoModel& model, IndirectBlock block, std::int64_t highest) {
  RegisterList r(model.registers);
  for (int i = 0; i < block.slots; ++i) {
    r.number(static_cast<std::uint16_t>(block.address + 2 * i), 2, highest, block.data + i,
             Role::kIndirectAddress, 64);
  }
  for (int i = 0; i < block.slots; ++i) {
    r.number(static_cast<std::uint16_t>(block.data + i), 1, 255, 0);
  }
  model.indirect.push_back(block);
}

inline ServoModel dynamixel(const DynamixelFigures& f, const Gains& gains) {
  ServoModel model;
  model.bauds = {9600, 57600, 115200, 1'000'000, 2'000'000, 3'000'000, 4'000'000, 4'500'000};
  model.bauds.resize(static_cast<std::size_t>(f.bauds));
  add_eeprom(model.registers, f);
  add_commands(model.registers, gains);
  add_reports(model.registers);
  return model;
}

}  // namespace detail

inline ServoModel x430_model() {
  const detail::Gains gains{.velocity_i = 1920, .velocity_p = 100, .position_p = 800};
  ServoModel model = detail::dynamixel({.model = 1020,
                                        .firmware = 46,
                                        .bauds = 8,
                                        .temperature = 80,
                                        .max_voltage = 160,
                                        .min_voltage = 95,
                                        .low_voltage = 95,
                                        .high_voltage = 160,
                                        .current = 1193,
                                        .velocity = 200,
                                        .velocity_max = 1023,
                                        .shutdown = 52,
                                        .first_protocol = 1,
                                        .protocols = 2},
                                       gains);
  detail::add_indirect(model, {168, 224, 28}, 661);
  detail::add_indirect(model, {578, 634, 28}, 661);
  return model;
}

// From firmware 53 on there are 28 indirect slots, with their data elsewhere.
inline ServoModel x330_model(std::int64_t firmware = 53) {
  const detail::Gains gains{.velocity_i = 1600, .velocity_p = 180, .position_p = 400};
  ServoModel model = detail::dynamixel({.model = 1200,
                                        .firmware = firmware,
                                        .bauds = 7,
                                        .temperature = 70,
                                        .max_voltage = 70,
                                        .min_voltage = 35,
                                        .low_voltage = 31,
                                        .high_voltage = 70,
                                        .current = 1750,
                                        .velocity = 445,
                                        .velocity_max = 2047,
                                        .shutdown = 53,
                                        .first_protocol = 2,
                                        .protocols = 22},
                                       gains);
  detail::RegisterList(model.registers).number(62, 1, 255, 140, Role::kNone, 1);
  const bool wide = firmware >= 53;
  detail::add_indirect(model, {168, std::uint16_t(wide ? 224 : 208), std::uint16_t(wide ? 28 : 20)},
                       wide ? 251 : 227);
  model.current_unit = 1e-3;
  model.fast_read_firmware = 46;
  model.motor = {.resistance = 3.4,
                 .torque_constant = 0.354,
                 .back_emf = 0.44,
                 .standby_current = 0.017,
                 .brown_out_voltage = 2.9,
                 .senses_supply = true,
                 .heat = {.winding_resistance = 15.0,
                          .housing_resistance = 20.0,
                          .winding_capacity = 1.0,
                          .housing_capacity = 15.0}};
  model.gear = {.inertia = 0.0012, .coulomb = 0.015, .viscous = 0.002, .backlash = 0.006};
  return model;
}

}  // namespace handloop::bus::virtual_servo
