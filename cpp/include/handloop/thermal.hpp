// How warm a motor is: winding and housing as two masses between a heat source and the room.
//
//   C_w T_w' = P - (T_w - T_h) / R_wh,   C_h T_h' = (T_w - T_h) / R_wh - (T_h - T_a) / R_ha
//
// The usual two-body model of a motor's data sheet. Over one tick with constant power it is solved
// exactly by the matrix exponential, so that no choice of figures makes it unstable.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "handloop/types.hpp"

namespace handloop {

inline constexpr double kCopper = 0.00393;         // [1/K], growth of the resistance of copper
inline constexpr double kCatalogueCelsius = 25.0;  // [deg C], at which a resistance is stated

struct Thermal {
  double winding_resistance = 0.0;  // [K/W], winding to housing; 0: this motor never gets warm
  double housing_resistance = 0.0;  // [K/W], housing to room
  double winding_capacity = 1.0;    // [J/K]
  double housing_capacity = 1.0;    // [J/K]
  double winding_max = 100.0;       // [deg C]

  bool known() const { return winding_resistance > 0.0; }
};

// Growth of a resistance stated at 25 deg C.
inline double copper_growth(double celsius) {
  return 1.0 + kCopper * (celsius - kCatalogueCelsius);
}

class MotorHeat {
 public:
  MotorHeat() = default;

  MotorHeat(const Thermal& figures, double ambient, double period)
      : figures_(figures), ambient_(ambient), winding_(ambient), housing_(ambient) {
    if (!figures.known()) return;
    discretise(period);
    approach_ = period / (kApproachTime + period);
  }

  void reset() { winding_ = housing_ = ambient_; }

  double winding() const { return winding_; }  // [deg C]
  double housing() const { return housing_; }  // [deg C]
  double limit() const { return figures_.winding_max; }
  bool known() const { return figures_.known(); }

  // The current [A] that takes the winding no more than a fixed part of the way to its limit in one
  // tick, for a resistance [ohm] stated at 25 deg C. A winding below its limit then stays below it
  // whatever is asked for (discrete control barrier function, Agrawal and Sreenath 2017).
  double current_max(double resistance) const {
    if (!known() || resistance <= 0.0) return std::numeric_limits<double>::infinity();
    const double power = (ceiling() - without_power()) / heating_;
    return std::sqrt(std::max(power, 0.0) / (resistance * copper_growth(ceiling())));
  }

  // Moves on by one tick with a current [A]. The resistance is that of the hottest this tick may
  // end at, so that the estimate errs to the hot side only.
  void advance(double current, double resistance) {
    if (!known()) return;
    const double power = current * current * resistance * copper_growth(ceiling());
    const Eigen::Vector2d rise(winding_ - ambient_, housing_ - ambient_);
    const Eigen::Vector2d next = transition_ * rise + input_ * power;
    winding_ = ambient_ + next[0];
    housing_ = ambient_ + next[1];
  }

  // For the same tick: a power [W] that arises in the housing, as friction of a gear does.
  void rub(double power) {
    if (!known()) return;
    winding_ += rubbing_[0] * power;
    housing_ += rubbing_[1] * power;
  }

  // A sensor on the housing knows more about the room than the model does.
  void correct_housing(double measured, double weight) {
    if (std::isfinite(measured)) housing_ += weight * (measured - housing_);
  }

 private:
  static constexpr double kApproachTime = 1.0;  // [s], time constant of nearing the limit

  // The winding temperature [deg C] at which this tick has to end at the latest.
  double ceiling() const {
    return winding_ + approach_ * std::max(figures_.winding_max - winding_, 0.0);
  }

  double without_power() const {
    return ambient_ + transition_(0, 0) * (winding_ - ambient_) +
           transition_(0, 1) * (housing_ - ambient_);
  }

  // exp(A h) = e^(m h) (cosh(d h) I + sinh(d h) / d (A - m I)), m half the trace of A and d^2 =
  // m^2 - det A, which is positive for two coupled masses.
  void discretise(double h) {
    const double g = 1.0 / figures_.winding_resistance, out = 1.0 / figures_.housing_resistance;
    Eigen::Matrix2d a;
    a << -g / figures_.winding_capacity, g / figures_.winding_capacity,
        g / figures_.housing_capacity, -(g + out) / figures_.housing_capacity;
    const double m = 0.5 * a.trace();
    const double d = std::sqrt(m * m - (a(0, 0) * a(1, 1) - a(0, 1) * a(1, 0)));
    const Eigen::Matrix2d identity = Eigen::Matrix2d::Identity();
    transition_ =
        std::exp(m * h) * (std::cosh(d * h) * identity + std::sinh(d * h) / d * (a - m * identity));
    // What a constant power adds: the part of its steady state that is reached.
    const Eigen::Vector2d steady(figures_.winding_resistance + figures_.housing_resistance,
                                 figures_.housing_resistance);
    input_ = (identity - transition_) * steady;
    rubbing_ = (identity - transition_) * Eigen::Vector2d::Constant(figures_.housing_resistance);
    heating_ = input_[0];
  }

  Thermal figures_;
  double ambient_ = kCatalogueCelsius, winding_ = kCatalogueCelsius, housing_ = kCatalogueCelsius;
  double approach_ = 0.0, heating_ = 1.0;
  Eigen::Matrix2d transition_ = Eigen::Matrix2d::Identity();
  Eigen::Vector2d input_ = Eigen::Vector2d::Zero();
  Eigen::Vector2d rubbing_ = Eigen::Vector2d::Zero();
};

}  // namespace handloop
