// Torque that the world exerts on each joint, without a sensor for it.
//
// Generalised-momentum observer (De Luca, Albu-Schaeffer, Haddadin and Hirzinger 2006; Haddadin, De
// Luca and Albu-Schaeffer 2017). With p = M(q) dq
//   p' = tau_motor - tau_friction - g(q) + C(q, dq)^T dq + tau_external,
//   r  = K (p - p(0) - integral(tau_motor - tau_friction - g + C^T dq + r)),
// so that r follows tau_external like a first-order filter of bandwidth K: no acceleration, no
// inverse of M. The integral is taken with r at the end of the interval, stable for every K.
// The base has to stand still: a shaken wrist is felt as a load.
#pragma once

#include "handloop/friction.hpp"
#include "handloop/hand_model.hpp"

namespace handloop {

struct MomentumObserverConfig {
  double bandwidth = 300.0;     // [1/s], of the estimate
  double presliding = 0.0005;   // [rad], over which friction turns from one way to the other
  double position_time = 0.02;  // [s], filter on the position that tells the way of the motion
  double gap_max = 0.02;        // [s] between samples, after which it starts anew
};

class MomentumObserver {
 public:
  MomentumObserver(const MomentumObserverConfig& config, int joint_count) : config_(config) {
    external_ = friction_ = dry_ = sign_ = JointVector::Zero(joint_count);
  }

  void reset() { started_ = false; }

  // Takes in a sample and the torque [N m] of the motors that acted in the time before it; the
  // kinematics must stand at the sample. `friction`: one per joint, or null for none.
  void update(HandKinematics& hand, const HandState& sample, const JointVector& motor_torque,
              const Friction* friction) {
    const double dt = sample.time - time_;
    if (started_ && dt <= 0.0) return;
    const EnergyGradient energy = hand.energy_gradient(sample.dq);
    time_ = sample.time;
    if (!started_ || dt > config_.gap_max) {
      start(sample.q, energy.momentum);
      return;
    }
    if (friction) follow_friction(sample, motor_torque, friction, dt);
    integral_ += dt * (motor_torque - friction_ - hand.gravity_torque() + energy.position);
    const double gain = config_.bandwidth / (1.0 + config_.bandwidth * dt);
    external_ = gain * (energy.momentum - integral_);
    integral_ += dt * external_;
  }

  // What the world adds to the joints' torques, [N m].
  const JointVector& external_torque() const { return external_; }
  // What friction is taken to be, and the most that dry friction can be, [N m].
  const JointVector& friction() const { return friction_; }
  const JointVector& dry_friction() const { return dry_; }
  // Direction of dry friction per joint, -1 to 1; near 0 it is not known.
  const JointVector& sliding_sign() const { return sign_; }

 private:
  void start(const JointVector& q, const JointVector& momentum) {
    integral_ = momentum;
    position_ = q;
    external_.setZero();
    friction_.setZero();
    dry_.setZero();
    sign_.setZero();
    for (Eigen::Index i = 0; i < q.size(); ++i) sliding_[index(i)].reset(q[i]);
    started_ = true;
  }

  void follow_friction(const HandState& sample, const JointVector& motor_torque,
                       const Friction* friction, double dt) {
    position_ += dt / (config_.position_time + dt) * (sample.q - position_);
    for (Eigen::Index i = 0; i < position_.size(); ++i) {
      const Friction& f = friction[index(i)];
      sign_[i] = sliding_[index(i)].update(position_[i], config_.presliding);
      dry_[i] = f.dry_driven(sample.dq[i], motor_torque[i], sign_[i]);
      friction_[i] = sign_[i] * dry_[i] + f.viscous * sample.dq[i];
    }
  }

  static constexpr std::size_t index(Eigen::Index i) { return static_cast<std::size_t>(i); }

  MomentumObserverConfig config_;
  JointVector integral_, external_, friction_, dry_, sign_, position_;
  std::array<SlidingSign, kMaxJoints> sliding_{};
  double time_ = 0.0;  // [s], of the last sample
  bool started_ = false;
};

}  // namespace handloop
