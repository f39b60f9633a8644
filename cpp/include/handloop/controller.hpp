// One tick: model -> force feedback -> task -> grasp force -> law -> safety -> motor.
//
// What the hand is at decides the law: joint impedance with fingers that grip, fingertips held in
// space, or the object between them (task_plan.hpp). From HOLD on it is joint impedance, on the
// posture and with the forces of the moment before.
//
// Bounded work, no heap, no lock, no system call, no exception. Same input, same bits out.
#pragma once

#include "handloop/bumpless.hpp"
#include "handloop/custom_law.hpp"
#include "handloop/fingertip_impedance.hpp"
#include "handloop/force_estimate.hpp"
#include "handloop/force_feedback.hpp"
#include "handloop/force_law.hpp"
#include "handloop/grip.hpp"
#include "handloop/hand_model.hpp"
#include "handloop/motor.hpp"
#include "handloop/object_grasp.hpp"
#include "handloop/posture_task.hpp"
#include "handloop/safety.hpp"

namespace handloop {

struct ControllerConfig {
  double period = 0.001;  // [s]
  ForceFeedbackConfig force_feedback;
  PostureTaskConfig task;
  GripConfig grip;
  FingertipImpedanceConfig fingertips;
  ObjectGraspConfig object;
  double fade_time = 0.1;  // [s], over which a change of task fades from one law to the next
  ForceLawConfig law;
  SafetyConfig safety;
  MotorConfig motors;
  ObserverConfig observer;
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
        fingertips_(config.fingertips),
        object_(limited_object(config), hand, config.safety.torque_max, config.period),
        bumpless_(config.fade_time, config.period),
        finger_of_joint_(finger_of_joint(hand)),
        law_(limited(config), config.period),
        custom_law_(limited(config), config.safety.torque_max, config.period),
        safety_(config.safety),
        motors_(config.motors, config.period),
        feels_by_motors_(config.observer.force_source == ForceSource::kMotors),
        force_estimate_(config.observer, config.motors, hand) {
    sample_.q = sample_.dq = JointVector::Zero(hand.joint_count);
    reset();
  }

  // Forgets everything felt; keeps the trajectory. The only way out of HOLD, LIMP and STOPPED.
  void reset() {
    force_feedback_.reset();
    task_.reset();
    grip_.reset();
    object_.reset();
    bumpless_.reset();
    law_.reset();
    kind_ = TaskKind::kPosture;
    custom_law_.reset();
    safety_.reset();
    motors_.reset();
    force_estimate_.reset();
    frozen_ = false;
    wanted_force_.fill(0.0);
    command_.torque = JointVector::Zero(kinematics_.model().joint_count);
    command_.effort = command_.current = command_.duty = command_.torque;
  }

  void set_trajectory(const JointTrajectory& trajectory) { task_.set_trajectory(trajectory); }
  void set_plan(const TaskPlan& plan) { plan_ = plan; }
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
      if (frozen_) {
        // A custom law does not hold the hand, because it may be the fault.
        hold_posture(fresh);
      } else {
        apply_law(fresh, now);
      }
    }
    safety_.limit(command_.torque);
    command_.effort = command_.torque;  // every motor drives its own joint
    motors_.deliver(command_, sample_.dq, sample_.temperature, safety_.torque_allowed());
    const HottestMotor hottest = motors_.hottest();
    safety_.report_winding(hottest.index, hottest.winding, hottest.limit);
    if (feels_by_motors_) force_estimate_.remember(now, command_.effort);
    return command_;
  }

  double period() const { return period_; }
  int actuator_count() const { return static_cast<int>(command_.effort.size()); }
  const HandCommand& command() const { return command_; }  // of the last tick
  const HandModel& model() const { return kinematics_.model(); }
  const ForceFeedback& force_feedback() const { return force_feedback_; }
  const PostureTask& task() const { return task_; }
  const GripReflex& grip() const { return grip_; }
  const ObjectGrasp& object() const { return object_; }
  TaskKind task_kind() const { return kind_; }
  // Normal force [N] that a finger shall press with.
  double wanted_force(int f) const {
    return kind_ == TaskKind::kObject ? object_force(f) : grip_.wanted_force(f);
  }
  const Safety& safety() const { return safety_; }
  const Motors& motors() const { return motors_; }
  const ForceEstimate& force_estimate() const { return force_estimate_; }

 private:
  // One crush limit: the grip's holds for what the law adds to it, too.
  static ForceLawConfig limited(const ControllerConfig& config) {
    ForceLawConfig law = config.law;
    law.force_max = config.grip.force_max;
    return law;
  }

  static ObjectGraspConfig limited_object(const ControllerConfig& config) {
    ObjectGraspConfig object = config.object;
    object.force_max = config.grip.force_max;
    object.force_min = std::min(object.force_min, object.force_max);
    return object;
  }

  void feel(double now) {
    if (feels_by_motors_) force_estimate_.update(kinematics_, sample_);
    const PerFinger<FingerForce>& finger = force_feedback_.update(kinematics_, sample_);
    if (safety_.state() > SafetyState::kDegraded) return;
    task_.update(finger, sample_.q, now);
    if (task_.settled()) grip_.update(finger);
    object_.feel(finger);
  }

  void apply_law(bool fresh, double now) {
    const TaskStep step = plan_.at(now);
    if (step.kind != kind_) change_task(step.kind);
    if (custom_law_.given()) {
      custom_law_.apply(now, fresh, sample_, kinematics_, force_feedback_, task_, grip_,
                        command_.torque);
      return;
    }
    if (kind_ == TaskKind::kPosture) hold_posture(fresh);
    if (kind_ == TaskKind::kFingertips) hold_fingertips(step, fresh);
    if (kind_ == TaskKind::kObject) hold_object(step, fresh);
    bumpless_.apply(command_.torque);
  }

  void change_task(TaskKind kind) {
    kind_ = kind;
    fingertips_.begin(kinematics_);
    object_.take_hold();
    law_.reset();
    bumpless_.change();
  }

  void hold_posture(bool fresh) {
    command_.torque = law_.hold_posture(kinematics_, task_.reference(), sample_);
    grip(fresh);
  }

  void grip(bool fresh) {
    // In HOLD the task no longer notices when a finger loses touch.
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      press(f, task_.gripping(f) ? wanted_force(f) : 0.0, fresh);
    }
  }

  void hold_fingertips(const TaskStep& step, bool fresh) {
    JointVector posture = law_.spring(task_.reference(), sample_);
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      remove_point_force(kinematics_, finger_of_joint_, f, kinematics_.tip_position(f), posture);
    }
    command_.torque = law_.rest(kinematics_, sample_) + posture;
    fingertips_.add(kinematics_, step.tip_offset, sample_.dq, command_.torque);
    grip(fresh);
  }

  void hold_object(const TaskStep& step, bool fresh) {
    JointVector posture = law_.spring(task_.reference(), sample_);
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      const FingerForce& finger = force_feedback_.finger(f);
      if (finger.touching) {
        remove_point_force(kinematics_, finger_of_joint_, f, finger.point, posture);
      }
    }
    command_.torque = law_.rest(kinematics_, sample_) + posture;
    if (fresh) {
      object_.update(kinematics_, force_feedback_.fingers(), sample_.dq, command_.torque, step);
    }
    for (int f = 0; f < kinematics_.model().finger_count; ++f) {
      const FingerForce& finger = force_feedback_.finger(f);
      const Vec3 force = object_.force(f);
      const double normal = force.dot(finger.direction);
      press(f, normal, fresh);
      kinematics_.add_point_force(f, finger.point, force - normal * finger.direction,
                                  command_.torque);
    }
  }

  double object_force(int f) const {
    return object_.force(f).dot(force_feedback_.finger(f).direction);
  }

  void press(int f, double wanted, bool fresh) {
    const FingerForce& finger = force_feedback_.finger(f);
    double& noted = wanted_force_[static_cast<std::size_t>(f)];
    noted = finger.touching ? wanted : 0.0;
    if (noted > 0.0) {
      law_.press(f, noted, finger, kinematics_, command_.torque, fresh);
    } else {
      law_.release(f);
    }
  }

  double period_, stale_velocity_;  // [s]
  HandKinematics kinematics_;
  ForceFeedback force_feedback_;
  PostureTask task_;
  GripReflex grip_;
  FingertipImpedance fingertips_;
  ObjectGrasp object_;
  Bumpless bumpless_;
  const std::array<int, kMaxJoints> finger_of_joint_;
  TaskPlan plan_;
  TaskKind kind_ = TaskKind::kPosture;
  ForceLaw law_;
  CustomLawStage custom_law_;
  Safety safety_;
  Motors motors_;
  bool feels_by_motors_;
  ForceEstimate force_estimate_;
  HandState sample_;
  HandCommand command_;
  PerFinger<double> wanted_force_{};  // [N], of the last tick
  bool frozen_ = false;
};

}  // namespace handloop
