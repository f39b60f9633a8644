// How slippery a contact is, learned from its own incipient slip.
//
// Tangential over normal force can come near the friction coefficient but never pass it; while the
// skin begins to slide it equals it. So the largest ratio during one slip, freed of noise, is the
// best reading of the coefficient (Johansson and Westling 1984 found people doing the like).
#pragma once

#include <algorithm>

#include "handloop/force_feedback.hpp"

namespace handloop {

struct FrictionConfig {
  double initial = 0.95;  // belief before the first slip: high, so that slip comes early
  double smallest = 0.15;
  double gain = 0.3;            // weight of a new slip against what was believed before it
  double slip_speed = 0.004;    // [m/s], of the skin, from which it counts as slip
  double time_constant = 0.01;  // [s], filter on the ratio that is learned from
  double new_slip_after = 0.1;  // [s], a slip that goes on for longer is another one
  double force_min = 0.4;       // [N], normal force from which the ratio means something
};

class FrictionBelief {
 public:
  FrictionBelief(const FrictionConfig& config, double period)
      : config_(config), period_(period), blend_(period / (config.time_constant + period)) {
    reset();
  }

  void reset() {
    value_ = before_ = config_.initial;
    ratio_ = largest_ = 0.0;
    since_onset_ = kLongAgo;
    slips_ = 0;
    slipping_ = false;
  }

  void update(const FingerForce& finger) {
    const double ratio = finger.normal > 0.0 ? finger.tangential / finger.normal : 0.0;
    ratio_ += blend_ * (ratio - ratio_);
    since_onset_ += period_;
    slipping_ = finger.normal > config_.force_min && finger.slip_speed > config_.slip_speed;
    if (!slipping_) return;
    if (since_onset_ > config_.new_slip_after) begin_slip();
    largest_ = std::max(largest_, ratio_);
    const double reading = std::clamp(largest_, config_.smallest, config_.initial);
    // Nothing was known before the first slip.
    value_ = before_ + (slips_ == 1 ? 1.0 : config_.gain) * (reading - before_);
  }

  double value() const { return value_; }
  bool slipping() const { return slipping_; }
  int slips() const { return slips_; }

 private:
  static constexpr double kLongAgo = 1e9;  // [s]

  void begin_slip() {
    ++slips_;
    since_onset_ = 0.0;
    largest_ = 0.0;
    before_ = value_;
  }

  FrictionConfig config_;
  double period_, blend_;
  double value_ = 1.0, before_ = 1.0;   // belief, and that before the present slip
  double ratio_ = 0.0, largest_ = 0.0;  // tangential over normal force: filtered, largest in a slip
  double since_onset_ = kLongAgo;       // [s]
  int slips_ = 0;
  bool slipping_ = false;
};

}  // namespace handloop
