// A kind of servo: its registers, their units, its motor and gear.
#pragma once

#include <cstdint>
#include <vector>

#include "handloop/bus/virtual/mechanics.hpp"
#include "handloop/bus/virtual/register_spec.hpp"
#include "handloop/bus/virtual/virtual_motor.hpp"

namespace handloop::bus::virtual_servo {

enum class Protocol : std::uint8_t { kDynamixel2, kFeetech };

// What an operating mode of a Feetech controls. The numbers of the modes differ from series to
// series; those of a Dynamixel do not.
enum class Controlled : std::uint8_t { kPosition, kVelocity, kPwm, kStep, kCurrent };

struct ServoModel {
  Protocol protocol = Protocol::kDynamixel2;
  std::vector<RegisterSpec> registers;
  std::vector<IndirectBlock> indirect;
  std::vector<std::uint32_t> bauds;  // [bit/s], by the value of the baud register

  std::vector<Controlled> modes;  // of a Feetech, by the value of the operating mode

  double counts_per_turn = 4096.0;
  std::int64_t middle = 2048;         // [counts], which it reads at a shaft position of 0
  double pwm_unit = 1.0 / 885.0;      // [1], part of the supply voltage
  double current_unit = 2.69e-3;      // [A]
  double velocity_unit = 0.01563307;  // [counts/ms], 0.229 rev/min
  // [counts/ms2], 214.577 rev/min2
  double acceleration_unit = 2.441409e-4;

  std::int64_t turnaround = 50'000;        // [ns], besides the return delay time
  std::int64_t reboot_time = 340'000'000;  // [ns], off the bus
  std::int64_t fast_read_firmware = 45;    // the first that knows the fast reads
  double overload_time = 1.0;              // [s], for which full output at standstill is borne
  std::uint8_t overload_error = 0x20;      // the bit that then is set
  bool answers_groups = true;              // knows sync read and broadcast ping, of a Feetech
  bool stands_at_zero_velocity = false;    // a goal velocity of 0 is that, not the greatest

  // Of one such servo, where more is known than its maker tells.
  double position_gain = 0.0;     // [1/rad], duty per error and unit of the P gain; 0: the maker's
  double duty_max = 1.0;          // of its bridge
  double command_delay = 0.0;     // [s], from a goal to the bridge, in whole milliseconds
  double sensing_delay = 0.0;     // [s], from the shaft to its reading, in whole milliseconds
  double resolution = 0.0;        // [rad], of an encoder coarser than a count; 0: it is not
  bool encoder_at_motor = false;  // before the play of the gear

  MotorFigures motor;
  GearFigures gear;
};

}  // namespace handloop::bus::virtual_servo
