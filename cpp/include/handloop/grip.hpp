// How hard to hold: a grip reflex that feels how slippery the object is.
//
// The fingers oppose one thumb; `level` is the thumb's normal force, and each finger carries a fixed
// share of it. People hold just above slipping, raise the grip within a reflex when a micro-slip is
// felt, and from then on scale it with the load at the friction they have learned (Johansson and
// Westling 1984). So does this reflex:
//   need = load / (friction (1 - margin))
// with the friction coefficient read off at the moment of slip, when tangential over normal force
// equals it.
#pragma once

#include <algorithm>
#include <cmath>

#include "handloop/force_feedback.hpp"

namespace handloop {

struct GripConfig {
  PerFinger<double> share{};  // of the grip level per finger; the thumb's is 1, the others sum to 1
  bool adaptive = true;       // false: squeeze with `blind_level` whatever is felt
  double blind_level = 0.0;   // [N]
  double level_min = 1.0;     // [N], grip level at first touch and at least
  double force_max = 20.0;    // [N], normal force no finger is ever asked to pass (crush limit)
  double margin = 0.15;       // (F - F_slip) / F to keep
  double friction_initial = 1.0;  // belief before the first slip; high, so as not to crush
  double friction_min = 0.15;
  double friction_gain = 0.5;  // weight of a new slip against what was believed before it
  double slip_speed = 0.003;   // [m/s], tangential speed of the skin from which it counts as slip
  double reflex_rate = 12.0;   // [1/s], growth of the grip while slip is felt
  double rise_rate = 100.0;    // [N/s], fastest growth with load
  double release_time = 0.3;   // [s], time constant of letting go when the load falls
  double load_time_constant = 0.005;  // [s], filter on the load that the grip follows
};

class GripReflex {
 public:
  GripReflex(const GripConfig& config, int thumb, int finger_count, double period)
      : config_(config),
        thumb_(thumb),
        finger_count_(finger_count),
        period_(period),
        load_blend_(period / (config.load_time_constant + period)) {
    reset();
  }

  void reset() {
    level_ = config_.level_min;
    friction_ = believed_ = config_.friction_initial;
    load_ = 0.0;
    largest_ratio_ = 0.0;
    slipping_ = false;
    slip_count_ = 0;
  }

  // Moves the grip level by one tick.
  void update(const PerFinger<FingerForce>& finger) {
    if (!config_.adaptive) {
      level_ = std::min(config_.blind_level, level_ + config_.rise_rate * period_);
      return;
    }
    load_ += load_blend_ * (measured_load(finger) - load_);
    feel_slip(finger);
    const double need = load_ / (friction_ * (1.0 - config_.margin));
    if (slipping_) level_ *= 1.0 + config_.reflex_rate * period_;
    if (need > level_) {
      level_ = std::min(need, level_ + config_.rise_rate * period_);
    } else if (!slipping_) {
      level_ += (need - level_) * period_ / config_.release_time;
    }
    level_ = std::clamp(level_, config_.level_min, config_.force_max);
  }

  // Normal force [N] wanted of a finger; never more than the crush limit.
  double wanted_force(int finger) const {
    return std::min(level_ * config_.share[static_cast<std::size_t>(finger)], config_.force_max);
  }

  double level() const { return level_; }        // [N]
  double friction() const { return friction_; }  // believed coefficient
  double load() const { return load_; }          // [N], tangential, on the busier side
  bool slipping() const { return slipping_; }
  int slip_count() const { return slip_count_; }

 private:
  // The load passes from the fingers to the thumb through the object; noise and rolling make the two
  // sides differ, and the busier side is the one that slips.
  double measured_load(const PerFinger<FingerForce>& finger) const {
    double thumb = 0.0, others = 0.0;
    for (int f = 0; f < finger_count_; ++f) {
      const FingerForce& force = finger[static_cast<std::size_t>(f)];
      if (force.touching) (f == thumb_ ? thumb : others) += force.tangential;
    }
    return std::max(thumb, others);
  }

  void feel_slip(const PerFinger<FingerForce>& finger) {
    const double ratio = slip_ratio(finger);
    const bool was_slipping = slipping_;
    slipping_ = ratio > 0.0;
    if (!slipping_) return;
    if (!was_slipping) {
      ++slip_count_;
      largest_ratio_ = 0.0;
      believed_ = friction_;
    }
    // Tangential over normal force can come near the friction coefficient but never pass it, so the
    // largest ratio during one slip is the best reading of it.
    largest_ratio_ = std::max(largest_ratio_, ratio);
    const double reading = std::clamp(largest_ratio_, config_.friction_min, config_.friction_initial);
    const double gain = slip_count_ == 1 ? 1.0 : config_.friction_gain;
    friction_ = believed_ + gain * (reading - believed_);
  }

  // Tangential over normal force of the side that slips, 0 if none does. A side slips when the
  // fingers that do carry most of its force: one weak finger that turns on its pad is no slip.
  double slip_ratio(const PerFinger<FingerForce>& finger) const {
    Side thumb, others;
    for (int f = 0; f < finger_count_; ++f) {
      const FingerForce& force = finger[static_cast<std::size_t>(f)];
      if (!force.touching) continue;
      Side& side = f == thumb_ ? thumb : others;
      side.normal += force.normal;
      if (force.slip_speed < config_.slip_speed) continue;
      side.slipping_normal += force.normal;
      side.slipping_tangential += force.tangential;
    }
    return std::max(thumb.ratio(), others.ratio());
  }

  struct Side {
    double normal = 0.0, slipping_normal = 0.0, slipping_tangential = 0.0;  // [N]

    double ratio() const {
      return slipping_normal > 0.5 * normal ? slipping_tangential / slipping_normal : 0.0;
    }
  };

  GripConfig config_;
  int thumb_, finger_count_;
  double period_, load_blend_;
  double level_ = 0.0, friction_ = 1.0, load_ = 0.0;
  double believed_ = 1.0;    // friction before the present slip
  double largest_ratio_ = 0.0;  // tangential over normal force in the present slip
  bool slipping_ = false;
  int slip_count_ = 0;
};

}  // namespace handloop
