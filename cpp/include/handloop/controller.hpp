// One tick: model -> force feedback -> task -> grasp force -> law -> safety -> transmission.
//
// Bounded work, no heap, no lock, no system call, no exception. Same input, same bits out.
#pragma once

#include "handloop/force_feedback.hpp"
#include "handloop/force_law.hpp"
#include "handloop/grip.hpp"
#include "handloop/hand_model.hpp"
#include "handloop/posture_task.hpp"
#include "handloop/safety.hpp"
#include "handloop/transmission.hpp"

namespace handloop {

struct ControllerConfig {
  double period = 0.001;  // [s]
  ForceFeedbackConfig force_feedback;
  PostureTaskConfig task;
  GripConfig grip;
  ForceLawConfig law;
  SafetyConfig safety;
  TransmissionConfig transmission;
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
        safety_(config.safety),
        transmission_(hand, config.transmission) {
    reset();
  }

  // Forgets everything felt; keeps the trajectory. The only way out of HOLD, LIMP and STOPPED.
  void reset() {
    force_feedback_.reset();
    task_.reset();
    grip_.reset();
    law_.reset();
    safety_.reset();
    transmission_.reset();
    frozen_ = false;
    command_.torque = JointVector::Zero(kinematics_.model().joint_count);
    command_.effort = ActuatorVector::Zero(transmission_.motor_count());
  }

  void set_trajectory(const JointTrajectory& trajectory) { task_.set_trajectory(trajectory); }
  void request_stop() { safety_.request_stop(); }

  // Computes the torques for `now` [s] from the newest sample.
  const HandCommand& tick(const HandState& sample, double now) {
    const bool fresh = safety_.inspect(sample, now);
    if (fresh) sample_ = sample;
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
      apply_law(fresh);
    }
    safety_.limit(command_.torque);
    drive_motors();
    return command_;
  }

  const HandCommand& command() const { return command_; }  // of the last tick
  double period() const { return period_; }
  const HandModel& model() const { return kinematics_.model(); }
  const ForceFeedback& force_feedback() const { return force_feedback_; }
  const PostureTask& task() const { return task_; }
  const GripReflex& grip() const { return grip_; }
  const Safety& safety() const { return safety_; }
  const Transmission& transmission() const { return transmission_; }

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

  void apply_law(bool fresh) {
    command_.torque = law_.hold_posture(kinematics_, task_.reference(), sample_);
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      const FingerForce& finger = force_feedback_.finger(f);
      // In HOLD the task no longer notices when a finger loses touch.
      if (task_.gripping(f) && finger.touching) {
        law_.press(f, grip_.wanted_force(f), finger, kinematics_, command_.torque, fresh);
      } else {
        law_.release(f);
      }
    }
  }

  // LIMP and STOPPED mean a limp hand: no torque, and no pretension either.
  void drive_motors() {
    if (!safety_.torque_allowed()) {
      command_.effort.setZero();
      return;
    }
    transmission_.update(kinematics_, sample_.q);
    command_.effort = transmission_.efforts(command_.torque, sample_.dq);
  }

  double period_, stale_velocity_;  // [s]
  HandKinematics kinematics_;
  ForceFeedback force_feedback_;
  PostureTask task_;
  GripReflex grip_;
  ForceLaw law_;
  Safety safety_;
  Transmission transmission_;
  HandState sample_;
  HandCommand command_;
  bool frozen_ = false;
};

}  // namespace handloop
