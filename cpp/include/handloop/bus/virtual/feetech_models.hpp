// Feetech's STS3215 for 7.4 V (Feetech, "Magnetic encoded STS servo: memory table", and its data
// sheet).
#pragma once

#include "handloop/bus/virtual/servo_model.hpp"

namespace handloop::bus::virtual_servo {

inline ServoModel sts3215_model() {
  ServoModel m;
  m.protocol = Protocol::kFeetech;
  const auto add = [&](std::uint16_t address, std::uint8_t size, std::int64_t max,
                       std::int64_t initial, Role role = Role::kNone,
                       std::uint8_t sign = kUnsigned) {
    const Area area = address < 40 ? Area::kEeprom : Area::kRam;
    m.registers.push_back(
        {address, size, area, true, sign, sign == kUnsigned ? 0 : -max, max, initial, role, 0});
  };
  const auto report = [&](std::uint16_t address, std::uint8_t size, std::int64_t initial, Role role,
                          std::uint8_t sign = kUnsigned) {
    add(address, size, 0, initial, role, sign);
    m.registers.back().writable = false;
  };
  report(0, 1, 3, Role::kFirmware);
  report(1, 1, 10, Role::kNone);
  report(2, 1, 0, Role::kNone);
  report(3, 2, 777, Role::kModelNumber);
  add(5, 1, 253, 1, Role::kId);
  add(6, 1, 7, 0, Role::kBaud);
  add(7, 1, 254, 0, Role::kReturnDelay);
  add(8, 1, 1, 1, Role::kStatusReturnLevel);
  add(9, 2, 4094, 0, Role::kMinPosition);
  add(11, 2, 4095, 4095, Role::kMaxPosition);
  add(13, 1, 100, 70, Role::kTemperatureLimit);
  add(14, 1, 254, 80, Role::kMaxVoltage);
  add(15, 1, 254, 40, Role::kMinVoltage);
  add(16, 2, 1000, 1000, Role::kMaxTorque);
  add(18, 1, 254, 12);
  add(19, 1, 63, 44, Role::kShutdown);
  add(20, 1, 63, 47);
  add(21, 1, 254, 32, Role::kPositionP);
  add(22, 1, 254, 32, Role::kPositionD);
  add(23, 1, 254, 0, Role::kPositionI);
  add(24, 1, 254, 0);
  add(25, 1, 254, 0);
  add(26, 1, 32, 1);
  add(27, 1, 32, 1);
  add(28, 2, 2047, 500, Role::kProtectionCurrent);
  add(30, 1, 128, 1);
  m.registers.back().min = 1;
  add(31, 2, 2047, 0, Role::kHomingOffset, 11);
  add(33, 1, 3, 0, Role::kOperatingMode);
  add(34, 1, 100, 20);
  add(35, 1, 254, 200);
  add(36, 1, 100, 80);
  add(37, 1, 254, 10, Role::kVelocityP);
  add(38, 1, 254, 200);
  add(39, 1, 254, 10, Role::kVelocityI);
  add(40, 1, 128, 0, Role::kTorqueEnable);
  add(41, 1, 254, 0, Role::kProfileAcceleration);
  add(42, 2, 32767, 0, Role::kGoalPosition, 15);
  add(44, 2, 1000, 0, Role::kGoalPwm, 10);
  add(46, 2, 32767, 3550, Role::kGoalVelocity, 15);
  add(48, 2, 1000, 1000, Role::kTorqueLimit);
  add(55, 1, 1, 1, Role::kEepromLock);
  report(56, 2, 0, Role::kPresentPosition, 15);
  report(58, 2, 0, Role::kPresentVelocity, 15);
  report(60, 2, 0, Role::kPresentLoad, 10);
  report(62, 1, 0, Role::kPresentVoltage);
  report(63, 1, 0, Role::kPresentTemperature);
  report(64, 1, 0, Role::kRegistered);
  report(65, 1, 0, Role::kHardwareError);
  report(66, 1, 0, Role::kMoving);
  report(67, 2, 0, Role::kPositionTrajectory, 15);
  report(69, 2, 0, Role::kPresentCurrent, 15);

  m.bauds = {1'000'000, 500'000, 250'000, 128'000, 115'200, 76'800, 57'600, 38'400};
  m.modes = {Controlled::kPosition, Controlled::kVelocity, Controlled::kPwm, Controlled::kStep};
  m.pwm_unit = 1e-3;
  m.current_unit = 6.5e-3;
  m.velocity_unit = 1e-3;
  m.acceleration_unit = 1e-4;
  m.reboot_time = 800'000'000;
  m.motor = {.resistance = 3.0,
             .torque_constant = 0.8,
             .back_emf = 1.3,
             .standby_current = 0.02,
             .brown_out_voltage = 3.6,
             .heat = {}};
  m.gear = {.inertia = 0.004, .coulomb = 0.06, .viscous = 0.01, .backlash = 0.009};
  return m;
}

}  // namespace handloop::bus::virtual_servo
