// One tick: model -> force feedback -> task -> grasp force -> law -> safety.
//
// Bounded work, no heap, no lock, no system call, no exception. Same input, same bits out.
#pragma once

#include "handloop/force_feedback.hpp"
#include "handloop/grip.hpp"
#include "handloop/hand_model.hpp"
#include "handloop/safety.hpp"
#include "handloop/trajectory.hpp"

namespace handloop {

struct ControllerConfig {
  double period = 0.001;             // [s]
  JointVector stiffness;             // [N m/rad]
  JointVector damping;               // [N m s/rad]
  PerFinger<double> force_integral_gain{};  // [1/s], 0: feed-forward only
  double force_integral_max = 1.0;   // [N], of the integral's contribution per finger
  ForceFeedbackConfig force_feedback;
  GripConfig grip;
  SafetyConfig safety;
};

// What the controller thinks, for logs and tests.
struct ControllerView {
  PerFinger<FingerForce> finger{};
  PerFinger<double> wanted_force{};  // [N]
  PerFinger<bool> gripping{};        // finger is under force control
};

class Controller {
 public:
  Controller(const HandModel& model, const ControllerConfig& config)
      : config_(config),
        kinematics_(model),
        force_feedback_(config.force_feedback, config.period),
        grip_(config.grip, model.finger_count, config.period),
        safety_(config.safety) {
    find_finger_of_joint(model);
    reset();
  }

  // Forgets everything felt; keeps the trajectory. Also the only way out of HOLD, LIMP and STOPPED.
  void reset() {
    force_feedback_.reset();
    grip_.reset();
    safety_.reset();
    view_ = {};
    integral_.fill(0.0);
    command_.torque = JointVector::Zero(kinematics_.model().joint_count);
  }

  void set_trajectory(const JointTrajectory& trajectory) { trajectory_ = trajectory; }
  void request_stop() { safety_.request_stop(); }

  // Computes the torques for `now` [s] from the newest sample.
  const HandCommand& tick(const HandState& sample, double now) {
    if (safety_.inspect(sample, now)) sample_ = sample;
    command_.time = now;
    if (safety_.torque_allowed()) {
      const bool free_running = safety_.state() <= SafetyState::kDegraded;
      kinematics_.update_position(sample_.q);
      view_.finger = force_feedback_.update(kinematics_, sample_);
      update_reference(now, free_running);
      if (free_running && holding()) grip_.update(view_.finger);
      command_.torque = law();
    }
    safety_.limit(command_.torque);
    return command_;
  }

  const Safety& safety() const { return safety_; }
  const GripReflex& grip() const { return grip_; }
  const ControllerView& view() const { return view_; }
  const HandModel& model() const { return kinematics_.model(); }
  const ControllerConfig& config() const { return config_; }

 private:
  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // A joint belongs to the finger it moves; one that moves several (the wrist) to none.
  void find_finger_of_joint(const HandModel& model) {
    finger_of_joint_.fill(-1);
    std::array<int, kMaxJoints> users{};
    for (int f = 0; f < model.finger_count; ++f) {
      for (int i = model.tip[index(f)].link; i >= 0; i = model.link[index(i)].parent) {
        finger_of_joint_[index(i)] = f;
        ++users[index(i)];
      }
    }
    for (std::size_t i = 0; i < kMaxJoints; ++i) {
      if (users[i] > 1) finger_of_joint_[i] = -1;
    }
  }

  // Follows the trajectory; a finger that touches stays where it is and turns to force control.
  // When safety no longer lets the hand run free, everything stays where it is.
  void update_reference(double now, bool free_running) {
    if (!free_running) {
      if (!frozen_) reference_ = sample_.q;
      frozen_ = true;
      return;
    }
    frozen_ = false;
    if (trajectory_.empty()) {
      target_ = sample_.q;
      if (reference_.size() != sample_.q.size()) reference_ = sample_.q;
      target_ = reference_;
    } else {
      trajectory_.sample(now, target_);
    }
    const HandModel& hand = kinematics_.model();
    if (reference_.size() != target_.size()) reference_ = target_;
    for (int f = 0; f < hand.finger_count; ++f) {
      bool& gripping = view_.gripping[index(f)];
      if (view_.finger[index(f)].touching == gripping) continue;
      gripping = !gripping;
      integral_[index(f)] = 0.0;
      for (int i = 0; i < hand.joint_count; ++i) {
        if (finger_of_joint_[index(i)] == f) reference_[i] = sample_.q[i];
      }
    }
    for (int i = 0; i < hand.joint_count; ++i) {
      const int f = finger_of_joint_[index(i)];
      if (f < 0 || !view_.gripping[index(f)]) reference_[i] = target_[i];
    }
  }

  // The thumb and at least one finger against it.
  bool holding() const {
    bool opposed = false;
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      opposed = opposed || (f != config_.grip.thumb && view_.gripping[index(f)]);
    }
    return opposed && view_.gripping[index(config_.grip.thumb)];
  }

  JointVector law() {
    JointVector torque = kinematics_.gravity_torque();
    torque += config_.stiffness.cwiseProduct(reference_ - sample_.q) -
              config_.damping.cwiseProduct(sample_.dq);
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      if (!view_.gripping[index(f)]) continue;
      const FingerForce& finger = view_.finger[index(f)];
      const double wanted = grip_.wanted_force(f);
      view_.wanted_force[index(f)] = wanted;
      const double press = wanted + integrate_force_error(f, wanted - finger.normal());
      kinematics_.add_point_force(f, finger.point, std::max(press, 0.0) * finger.direction, torque);
    }
    return torque;
  }

  double integrate_force_error(int f, double error) {
    if (!holding()) return 0.0;
    double& sum = integral_[index(f)];
    sum = std::clamp(sum + config_.force_integral_gain[index(f)] * error * config_.period,
                     -config_.force_integral_max, config_.force_integral_max);
    return sum;
  }

  ControllerConfig config_;
  HandKinematics kinematics_;
  ForceFeedback force_feedback_;
  GripReflex grip_;
  Safety safety_;
  JointTrajectory trajectory_;
  ControllerView view_;
  HandState sample_;
  HandCommand command_;
  JointVector reference_, target_;
  PerFinger<double> integral_{};
  std::array<int, kMaxJoints> finger_of_joint_{};
  bool frozen_ = false;
};

}  // namespace handloop
