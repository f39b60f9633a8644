// From tactile samples to contact forces that a law can use: filtered, placed in the world.
#pragma once

#include <algorithm>

#include "handloop/hand_model.hpp"

namespace handloop {

struct ForceFeedbackConfig {
  double time_constant = 0.002;       // [s], of the first-order filter on the contact force
  double slip_time_constant = 0.002;  // [s], of the filter on the slip speed
  double touch_on = 0.08;             // [N], normal force from which a finger counts as touching
  double touch_off = 0.03;            // [N], normal force below which it no longer does
};

struct FingerForce {
  bool touching = false;
  Vec3 force = Vec3::Zero();       // [N], fingertip frame, what the pad presses with, filtered
  double normal = 0.0;             // [N], >= 0
  double tangential = 0.0;         // [N], >= 0
  Vec3 drag = Vec3::Zero();        // [N], world, tangential part of what the pad presses with
  Vec3 point = Vec3::Zero();       // [m], world
  Vec3 direction = Vec3::UnitZ();  // unit, world, from the pad into the object
  double slip_speed = 0.0;         // [m/s], filtered
};

class ForceFeedback {
 public:
  ForceFeedback(const ForceFeedbackConfig& config, double period)
      : config_(config),
        blend_(period / (config.time_constant + period)),
        slip_blend_(period / (config.slip_time_constant + period)) {}

  void reset() { finger_ = {}; }

  const PerFinger<FingerForce>& fingers() const { return finger_; }
  const FingerForce& finger(int f) const { return finger_[static_cast<std::size_t>(f)]; }

  const PerFinger<FingerForce>& update(const HandKinematics& hand, const HandState& state) {
    for (int f = 0; f < hand.model().finger_count; ++f) {
      update(state.contact[static_cast<std::size_t>(f)], hand.tip_position(f), hand.tip_rotation(f),
             finger_[static_cast<std::size_t>(f)]);
    }
    return finger_;
  }

 private:
  void update(const FingerContact& sample, const Vec3& tip, const Mat3& world_from_tip,
              FingerForce& out) const {
    // Filtered on the skin, because the tangents of a contact frame may turn from sample to sample.
    const Vec3 force = sample.touching ? on_skin(sample) : Vec3(Vec3::Zero());
    out.force += blend_ * (force - out.force);
    const Vec3 normal = sample.touching ? sample.normal : Vec3(Vec3::UnitZ());
    out.normal = std::max(out.force.dot(normal), 0.0);
    out.drag = world_from_tip * (out.force - out.force.dot(normal) * normal);
    out.tangential = out.drag.norm();
    out.slip_speed += slip_blend_ * ((sample.touching ? sample.slip_speed : 0.0) - out.slip_speed);
    out.touching = out.normal > (out.touching ? config_.touch_off : config_.touch_on);
    // Without contact the pad's own axis says where a force would go.
    out.point = tip + world_from_tip * (sample.touching ? sample.position : Vec3(Vec3::Zero()));
    out.direction = world_from_tip * normal;
  }

  static Vec3 on_skin(const FingerContact& c) {
    return c.force.x() * c.normal + c.force.y() * c.tangent +
           c.force.z() * c.normal.cross(c.tangent);
  }

  ForceFeedbackConfig config_;
  double blend_, slip_blend_;
  PerFinger<FingerForce> finger_{};
};

}  // namespace handloop
