// From wanted posture and wanted contact forces to joint torques.
//
//   tau = g(q) + K (q_ref - q) - D dq + sum_f J_f^T n_f (f_wanted + integral of the force error)
//
// What dry friction keeps from its place, an integral of the spring's torque brings there. It is
// bounded by that friction, so that it neither winds up nor moves a joint that is free further than
// the spring would (Armstrong-Helouvry, Dupont and Canudas de Wit 1994, sec. 5).
//
// Joint impedance with gravity compensation (Hogan 1985) and force control in the contact frame on
// top. A finger without integral gain is the anchor against which the others regulate their force.
#pragma once

#include <algorithm>

#include "handloop/force_feedback.hpp"
#include "handloop/hand_model.hpp"

namespace handloop {

struct ForceLawConfig {
  JointVector stiffness;              // [N m/rad]
  JointVector damping;                // [N m s/rad]
  PerFinger<double> integral_gain{};  // [1/s], 0: feed-forward only
  double integral_max = 1.0;          // [N], most that the integral adds or takes per finger
  double force_max = 20.0;            // [N], most that a finger is made to press with
  JointVector dry_friction;           // [N m], of the joints; empty: none to overcome
  double friction_rate = 0.0;         // [1/s], at which torque against it is built up
};

class ForceLaw {
 public:
  ForceLaw(const ForceLawConfig& config, double period) : config_(config), period_(period) {}

  void reset() {
    integral_.fill(0.0);
    against_friction_ = JointVector::Zero(config_.stiffness.size());
  }

  // Torques [N m] that pull the joints to `reference` [rad].
  JointVector spring(const JointVector& reference, const HandState& state) const {
    return config_.stiffness.cwiseProduct(reference - state.q);
  }

  // Torques [N m] that bear the hand's own weight and damp its joints.
  JointVector rest(HandKinematics& hand, const HandState& state) const {
    return hand.gravity_torque() - config_.damping.cwiseProduct(state.dq);
  }

  // Torques [N m] that hold the posture `reference` [rad] against gravity.
  JointVector hold_posture(HandKinematics& hand, const JointVector& reference,
                           const HandState& state) const {
    JointVector torque = hand.gravity_torque();
    torque += spring(reference, state) - config_.damping.cwiseProduct(state.dq);
    return torque;
  }

  bool overcomes_friction() const { return config_.friction_rate > 0.0; }

  // Torque [N m] against a joint's dry friction, after a tick in which `spring` [N m] moved it not.
  double push_through(int joint, double spring) {
    const double most = config_.dry_friction[joint];
    double& push = against_friction_[joint];
    push = std::clamp(push + config_.friction_rate * period_ * spring, -most, most);
    return push;
  }

  // Adds what makes finger `f` press with `wanted` [N] along its contact normal. A reading that is
  // not `fresh` says nothing about the error, so it is not integrated.
  void press(int f, double wanted, const FingerForce& finger, const HandKinematics& hand,
             JointVector& torque, bool fresh = true) {
    double& integral = integral_[static_cast<std::size_t>(f)];
    if (fresh)
      integral +=
          config_.integral_gain[static_cast<std::size_t>(f)] * period_ * (wanted - finger.normal);
    integral = std::clamp(integral, -config_.integral_max, config_.integral_max);
    // A force sensor that reads too little must not wind the force up past the limit.
    const double force = std::clamp(wanted + integral, 0.0, config_.force_max);
    hand.add_point_force(f, finger.point, force * finger.direction, torque);
  }

  void release(int f) { integral_[static_cast<std::size_t>(f)] = 0.0; }

 private:
  ForceLawConfig config_;
  double period_;
  PerFinger<double> integral_{};
  JointVector against_friction_;  // [N m]
};

}  // namespace handloop
