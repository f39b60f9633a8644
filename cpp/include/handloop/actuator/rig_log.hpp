// A whole log of a rig, simulated from its first sample to its last.
#pragma once

#include <span>
#include <vector>

#include "handloop/actuator/rig.hpp"

namespace handloop::actuator {

// What was told to a servo at each time, and what it hangs on. All of one size.
struct RigLog {
  RigLoad load;
  std::vector<double> time;     // [s], rising
  std::vector<double> goal;     // [rad]
  std::vector<double> gain;     // of the register
  std::vector<double> voltage;  // [V]
  std::vector<char> driven;     // whether torque was on
  std::vector<double> duty;     // where the bridge is told to be, instead of the goal; or empty
  double position = 0.0;        // [rad], at the first time
  double velocity = 0.0;        // [rad/s], there
};

struct RigSample {
  double position = 0.0;  // [rad]
  double velocity = 0.0;  // [rad/s]
  double current = 0.0;   // [A], in the winding
  double duty = 0.0;
};

// Where the servo is at each time of the log, in steps of at most `step` [s]. A goal holds from its
// time, and the servo's delay, to the next one.
inline void simulate(const RigServo& servo, const RigLog& log, double step,
                     std::span<RigSample> samples) {
  Rig rig(servo, log.load);
  rig.place(log.position, log.velocity);
  std::size_t told = 0;
  for (std::size_t k = 0; k < log.time.size(); ++k) {
    samples[k] = {rig.position(), rig.velocity(), rig.current(), rig.duty()};
    if (k + 1 == log.time.size()) return;
    const double span = log.time[k + 1] - log.time[k];
    const int steps = static_cast<int>(std::ceil(span / step - 1e-9));
    const double dt = span / steps;
    for (int i = 0; i < steps; ++i) {
      const double reached = log.time[k] + i * dt - servo.delay + 1e-9;
      while (told < k && log.time[told + 1] <= reached) ++told;
      const bool driven = log.driven[told] != 0;
      if (log.duty.empty()) {
        rig.step(dt, {log.goal[told], log.gain[told], log.voltage[k], driven});
      } else {
        rig.step_at(dt, log.duty[told], log.voltage[k], driven);
      }
    }
  }
}

}  // namespace handloop::actuator
