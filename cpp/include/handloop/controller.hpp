// One tick: model -> force feedback -> task -> grasp force -> law -> safety.
//
// Bounded work, no heap, no lock, no system call, no exception. Same input, same bits out.
#pragma once

#include "handloop/custom_law.hpp"
#include "handloop/force_feedback.hpp"
#include "handloop/force_law.hpp"
#include "handloop/grip.hpp"
#include "handloop/hand_model.hpp"
#include "handloop/posture_task.hpp"
#include "handloop/safety.hpp"

namespace handloop {

struct ControllerConfig {
  double period = 0.001;  // [s]
  ForceFeedbackConfig force_feedback;
  PostureTaskConfig task;
  GripConfig grip;
  ForceLawConfig law;
  SafetyConfig safety;
};

class Controller {
 public:
  Controller(const HandModel& hand, const ControllerConfig& config)
      : period_(config.period),
        stale_velocity_(config.safety.hold_after),
        kinematics_(hand),
        force_feedback_(config.force_feedback, config.period),
        task_(config.task, hand, config.period),
        grip_(config.grip, config.task.thumb, hand.finger_count, config.period),
        law_(limited(config), config.period),
        custom_law_(limited(config), config.safety.torque_max, config.period),
        safety_(config.safety) {
    reset();
  }

  // Forgets everything felt; keeps the trajectory. The only way out of HOLD, LIMP and STOPPED.
  void reset() {
    force_feedback_.reset();
    task_.reset();
    grip_.reset();
    law_.reset();
    custom_law_.reset();
    safety_.reset();
    frozen_ = false;
    wanted_force_.fill(0.0);
    command_.torque = JointVector::Zero(kinematics_.model().joint_count);
    command_.effort = command_.torque;
  }

  void set_trajectory(const JointTrajectory& trajectory) { task_.set_trajectory(trajectory); }
  // Replaces the built-in law; one without a function puts it back. Not for a tick: takes memory.
  void set_law(CustomLaw law) {
    custom_law_.set(std::move(law));
    law_.reset();
  }
  void request_stop() { safety_.request_stop(); }
  // Of the last tick, by whoever has a clock: whether it took longer than it may.
  void report_duration(bool too_long) { safety_.report_duration(too_long); }

  // Computes the torques for `now` [s] from the newest sample.
  const HandCommand& tick(const HandState& sample, double now) {
    const bool fresh = safety_.inspect(sample, now);
    if (fresh) sample_ = sample;
    if (fresh) safety_.watch_for_frozen_sensors(sample_, command_.torque, wanted_force_, now);
    // An old velocity does not damp, it throws: the joint has long changed its own.
    if (!(now - sample_.time <= stale_velocity_)) sample_.dq.setZero();
    command_.time = now;
    if (safety_.torque_allowed()) {
      kinematics_.update_position(sample_.q);
      if (fresh) feel(now);
      if (safety_.state() > SafetyState::kDegraded && !frozen_) {
        task_.freeze(sample_.q);
        frozen_ = true;
      }
      apply_law(fresh, now);
    }
    safety_.limit(command_.torque);
    command_.effort = command_.torque;  // every motor drives its own joint
    return command_;
  }

  double period() const { return period_; }
  int actuator_count() const { return static_cast<int>(command_.effort.size()); }
  const HandModel& model() const { return kinematics_.model(); }
  const ForceFeedback& force_feedback() const { return force_feedback_; }
  const PostureTask& task() const { return task_; }
  const GripReflex& grip() const { return grip_; }
  const Safety& safety() const { return safety_; }

 private:
  // One crush limit: the grip's holds for what the law adds to it, too.
  static ForceLawConfig limited(const ControllerConfig& config) {
    ForceLawConfig law = config.law;
    law.force_max = config.grip.force_max;
    return law;
  }

  void feel(double now) {
    const PerFinger<FingerForce>& finger = force_feedback_.update(kinematics_, sample_);
    if (safety_.state() > SafetyState::kDegraded) return;
    task_.update(finger, sample_.q, now);
    if (task_.settled()) grip_.update(finger);
  }

  void apply_law(bool fresh, double now) {
    // From HOLD on the built-in law holds the hand, because the custom one may be the fault.
    if (custom_law_.given() && safety_.state() <= SafetyState::kDegraded) {
      custom_law_.apply(now, fresh, sample_, kinematics_, force_feedback_, task_, grip_,
                        command_.torque);
      return;
    }
    command_.torque = law_.hold_posture(kinematics_, task_.reference(), sample_);
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      const FingerForce& finger = force_feedback_.finger(f);
      // In HOLD the task no longer notices when a finger loses touch.
      double& wanted = wanted_force_[static_cast<std::size_t>(f)];
      wanted = task_.gripping(f) && finger.touching ? grip_.wanted_force(f) : 0.0;
      if (wanted > 0.0) {
        law_.press(f, wanted, finger, kinematics_, command_.torque, fresh);
      } else {
        law_.release(f);
      }
    }
  }

  double period_, stale_velocity_;  // [s]
  HandKinematics kinematics_;
  ForceFeedback force_feedback_;
  PostureTask task_;
  GripReflex grip_;
  ForceLaw law_;
  CustomLawStage custom_law_;
  Safety safety_;
  HandState sample_;
  HandCommand command_;
  PerFinger<double> wanted_force_{};  // [N], of the last tick
  bool frozen_ = false;
};

}  // namespace handloop
