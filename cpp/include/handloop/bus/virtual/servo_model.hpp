// A kind of servo: its registers, their units, its motor and gear.
#pragma once

#include <cstdint>
#include <vector>

#include "handloop/bus/virtual/mechanics.hpp"
#include "handloop/bus/virtual/register_spec.hpp"
#include "handloop/bus/virtual/virtual_motor.hpp"

namespace handloop::bus::virtual_servo {

enum class Protocol : std::uint8_t { kDynamixel2, kFeetech };

// Gains that come with an operating mode, as register values.
struct ModeGains {
  std::int64_t mode = 0;
  std::int64_t velocity_i = 0, velocity_p = 0;
  std::int64_t position_d = 0, position_i = 0, position_p = 0;
};

struct ServoModel {
  Protocol protocol = Protocol::kDynamixel2;
  std::vector<RegisterSpec> registers;
  std::vector<IndirectBlock> indirect;
  std::vector<ModeGains> gains;
  std::vector<std::uint32_t> bauds;  // [bit/s], by the value of the baud register

  double counts_per_turn = 4096.0;
  double pwm_unit = 1.0 / 885.0;      // [1], part of the supply voltage
  double current_unit = 2.69e-3;      // [A]
  double velocity_unit = 0.01563307;  // [counts/ms], 0.229 rev/min
  // [counts/ms2], 214.577 rev/min2
  double acceleration_unit = 2.441409e-4;

  std::int64_t turnaround = 50'000;        // [ns], besides the return delay time
  std::int64_t reboot_time = 340'000'000;  // [ns], off the bus
  std::int64_t fast_read_firmware = 45;    // the first that knows the fast reads
  double overload_time = 1.0;              // [s], for which full output at standstill is borne

  MotorFigures motor;
  GearFigures gear;
};

}  // namespace handloop::bus::virtual_servo
