// What one actuator is made of, as seen at its output: motor, gear, sensor, supply.
//
// Filled from the actuator's description (controller/actuator.py), or by hand.
#pragma once

#include <cstdint>
#include <limits>

#include "handloop/friction.hpp"
#include "handloop/thermal.hpp"

namespace handloop::actuator {

// What it is told: a torque [N m], of a drive that controls its current; the voltage [V] that its
// bridge makes of the nominal supply; or a torque of a drive that only sets the voltage which makes
// it at standstill, so that the back-EMF brakes.
enum class Command : std::uint8_t { kTorque, kVoltage, kStandstillTorque };

// Where its encoder sits: at the output, behind the backlash, or at the motor, before it.
enum class EncoderSide : std::uint8_t { kOutput, kMotor };

struct Figures {
  Command command = Command::kTorque;
  double torque_constant = 1.0;  // [N m/A]
  double back_emf = 1.0;         // [V s/rad]
  double resistance = 1.0;       // [ohm], at 25 deg C
  double inductance = 0.0;       // [H]; 0: the current follows at once
  double voltage = 12.0;         // [V], nominal supply
  double current_max = std::numeric_limits<double>::infinity();  // [A], of its drive
  int rail = 0;                    // which supply it shares; one without voltage is its own
  double supply_resistance = 0.0;  // [ohm], between rail and bridge, of this one alone
  double inertia = 1e-3;           // [kg m2], rotor and gear at the output
  double backlash = 0.0;           // [rad], from end to end
  double stiffness = 0.0;          // [N m/rad], of gear and what joins it; 0: they do not give
  Friction friction;
  Thermal thermal;
  EncoderSide encoder_side = EncoderSide::kOutput;
  double resolution = 0.0;     // [rad], of a count; 0: as fine as can be
  double command_delay = 0.0;  // [s], from a command to the bridge
  double sensing_delay = 0.0;  // [s], from the shaft to its reading
};

}  // namespace handloop::actuator
