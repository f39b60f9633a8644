// A whole log of a rig, simulated from its first sample to its last.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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
  double duty_max = 1.0;        // to which its bridge was told to keep
};

struct RigSample {
  double position = 0.0;  // [rad]
  double velocity = 0.0;  // [rad/s]
  double current = 0.0;   // [A], in the winding
  double duty = 0.0;
};

// What a servo has been told, its delay later.
class ToldLater {
 public:
  ToldLater(const RigLog& log, double delay) : log_(log), delay_(delay) {}

  // The mean over `dt` from a time on, once sample `k` has been told: a goal may arrive within a
  // step, and a delay that were rounded to whole steps could not be fitted.
  RigInput over(double from, double dt, std::size_t k) {
    const double end = from + dt - delay_;
    double reached = from - delay_, left = 1.0;
    advance(reached, k);
    RigInput mean{.voltage = log_.voltage[k], .driven = log_.driven[last_] != 0};
    while (last_ < k && log_.time[last_ + 1] < end - kSame) {
      const double part = (log_.time[last_ + 1] - reached) / dt;
      add(part, mean);
      left -= part;
      reached = log_.time[last_ + 1];
      advance(reached, k);
    }
    add(left, mean);
    return mean;
  }
  double duty() const { return log_.duty[last_]; }

 private:
  static constexpr double kSame = 1e-9;  // [s]

  void advance(double reached, std::size_t k) {
    while (last_ < k && log_.time[last_ + 1] <= reached + kSame) ++last_;
  }
  void add(double part, RigInput& mean) const {
    mean.goal += part * log_.goal[last_];
    mean.gain += part * log_.gain[last_];
  }

  const RigLog& log_;
  double delay_;
  std::size_t last_ = 0;
};

// Where the servo is at each time of the log, in steps of at most `step` [s]. A goal holds from its
// time, and the servo's delay, to the next one.
inline void simulate(const RigServo& servo, const RigLog& log, double step,
                     std::span<RigSample> samples) {
  Rig rig(servo, log.load, log.duty_max);
  rig.place(log.position, log.velocity);
  ToldLater told(log, servo.delay);
  for (std::size_t k = 0; k < log.time.size(); ++k) {
    samples[k] = {rig.position(), rig.velocity(), rig.current(), rig.duty()};
    if (k + 1 == log.time.size()) return;
    const double span = log.time[k + 1] - log.time[k];
    const int steps = static_cast<int>(std::ceil(span / step - 1e-9));
    const double dt = span / steps;
    for (int i = 0; i < steps; ++i) {
      const RigInput in = told.over(log.time[k] + i * dt, dt, k);
      if (log.duty.empty()) {
        rig.step(dt, in);
      } else {
        rig.step_at(dt, told.duty(), in.voltage, in.driven);
      }
    }
  }
}

}  // namespace handloop::actuator
