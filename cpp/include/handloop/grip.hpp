// How hard to hold: a grip reflex that feels how slippery the object is.
//
// The fingers oppose one thumb; `level` is the thumb's normal force, and each finger carries a
// fixed share of it. People hold just above slipping, raise the grip within a reflex when a
// micro-slip is felt, and from then on scale it with the load at the friction they have learned
// (Johansson and Westling 1984). So does this reflex:
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
  double friction_initial = 0.95;  // belief before the first slip: high, so that slip comes early
  double friction_min = 0.15;
  double friction_gain = 0.3;  // weight of a new slip against what was believed before it
  double slip_speed = 0.004;   // [m/s], tangential speed of the skin from which it counts as slip
  double ratio_time_constant = 0.01;  // [s], filter on the ratio that is learned from
  double reflex_rate = 30.0;          // [1/s], growth of the grip while slip is felt
  double reflex_gain = 0.22;          // growth that one reflex may add, so that it does not crush
  double reflex_time = 0.1;           // [s], a slip that goes on for longer sets off another reflex
  double rise_rate = 60.0;            // [N/s], fastest growth with load
  double release_time = 0.3;          // [s], time constant of letting go when the load falls
  double load_time_constant = 0.03;   // [s], filter on the load that the grip follows
};

class GripReflex {
 public:
  GripReflex(const GripConfig& config, int thumb, int finger_count, double period)
      : config_(config),
        thumb_(thumb),
        finger_count_(finger_count),
        period_(period),
        load_blend_(period / (config.load_time_constant + period)),
        ratio_blend_(period / (config.ratio_time_constant + period)) {
    reset();
  }

  void reset() {
    level_ = config_.level_min;
    friction_ = believed_ = config_.friction_initial;
    load_ = 0.0;
    largest_ratio_ = 0.0;
    ratio_ = {};
    slipping_ = false;
    slip_count_ = 0;
    since_onset_ = kLongAgo;
    ceiling_ = config_.level_min;
    scale_ = 1.0;
  }

  // On the level, from now on: what somebody above wants harder or softer than the reflex.
  void set_scale(double scale) { scale_ = scale; }

  // Moves the grip level by one tick.
  void update(const PerFinger<FingerForce>& finger) {
    if (!config_.adaptive) {
      level_ = std::min(config_.blind_level, level_ + config_.rise_rate * period_);
      return;
    }
    const std::array<Side, 2> side = gather(finger);
    feel_slip(side);
    // What both sides drag at the object on average. Summed as vectors, since fingers that pull
    // against each other carry no load; and what is measured in a slip is friction, not load.
    const double load = 0.5 * (side[0].drag.norm() + side[1].drag.norm());
    if (!slipping_) load_ += load_blend_ * (load - load_);
    // No margin before the first slip: it shall come while the load is small, and be learned from.
    const double margin = slip_count_ > 0 ? config_.margin : 0.0;
    const double need = load_ / (friction_ * (1.0 - margin));
    if (slipping_) {
      const double reflex = level_ * (1.0 + config_.reflex_rate * period_);
      level_ = std::max(level_, std::min(reflex, ceiling_));
    }
    if (need > level_) {
      level_ = std::min(need, level_ + config_.rise_rate * period_);
    } else if (!slipping_) {
      level_ += (need - level_) * period_ / config_.release_time;
    }
    level_ = std::clamp(level_, config_.level_min, config_.force_max);
  }

  // Normal force [N] wanted of a finger; never more than the crush limit.
  double wanted_force(int finger) const {
    return std::min(level_ * scale_ * config_.share[static_cast<std::size_t>(finger)],
                    config_.force_max);
  }

  double level() const { return level_; }        // [N], of the reflex alone
  double friction() const { return friction_; }  // believed coefficient
  double load() const { return load_; }          // [N], tangential, mean of both sides
  bool slipping() const { return slipping_; }
  int slip_count() const { return slip_count_; }

 private:
  // Two sides press on the object, the thumb and all others.
  struct Side {
    double normal = 0.0, slipping_normal = 0.0;  // [N]
    Vec3 drag = Vec3::Zero();                    // [N]

    void add(const FingerForce& force, double slip_speed) {
      normal += force.normal;
      drag += force.drag;
      if (force.slip_speed > slip_speed) slipping_normal += force.normal;
    }
    // One weak finger that turns on its pad is no slip: those that slip must carry most of it.
    bool slips() const { return slipping_normal > 0.5 * normal; }
    double ratio() const { return normal > 0.0 ? drag.norm() / normal : 0.0; }
  };

  std::array<Side, 2> gather(const PerFinger<FingerForce>& finger) const {
    std::array<Side, 2> side{};
    for (int f = 0; f < finger_count_; ++f) {
      const FingerForce& force = finger[static_cast<std::size_t>(f)];
      if (force.touching) side[f == thumb_ ? 0 : 1].add(force, config_.slip_speed);
    }
    return side;
  }

  void feel_slip(const std::array<Side, 2>& side) {
    double ratio = 0.0;
    slipping_ = false;
    for (std::size_t i = 0; i < side.size(); ++i) {
      ratio_[i] += ratio_blend_ * (side[i].ratio() - ratio_[i]);
      if (!side[i].slips()) continue;
      slipping_ = true;
      ratio = std::max(ratio, ratio_[i]);
    }
    since_onset_ += period_;
    if (!slipping_) return;
    if (since_onset_ > config_.reflex_time) begin_reflex();
    // Tangential over normal force can come near the friction coefficient but never pass it, so the
    // largest ratio during one slip, freed of noise, is the best reading of it.
    largest_ratio_ = std::max(largest_ratio_, ratio);
    const double reading =
        std::clamp(largest_ratio_, config_.friction_min, config_.friction_initial);
    const double gain = slip_count_ == 1 ? 1.0 : config_.friction_gain;
    friction_ = believed_ + gain * (reading - believed_);
  }

  void begin_reflex() {
    ++slip_count_;
    since_onset_ = 0.0;
    ceiling_ = level_ * (1.0 + config_.reflex_gain);
    largest_ratio_ = 0.0;
    believed_ = friction_;
  }

  GripConfig config_;
  int thumb_, finger_count_;
  double period_, load_blend_, ratio_blend_;
  double level_ = 0.0, friction_ = 1.0, load_ = 0.0;
  double believed_ = 1.0;                  // friction before the present slip
  std::array<double, 2> ratio_{};          // tangential over normal force of each side, filtered
  double largest_ratio_ = 0.0;             // tangential over normal force in the present slip
  static constexpr double kLongAgo = 1e9;  // [s]
  double since_onset_ = kLongAgo;          // [s], of the present reflex
  double ceiling_ = 0.0;                   // [N], up to which it may raise the grip
  double scale_ = 1.0;
  bool slipping_ = false;
  int slip_count_ = 0;
};

}  // namespace handloop
