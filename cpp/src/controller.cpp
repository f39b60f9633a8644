// The steps of a tick, compiled once for all who tick.

#include "handloop/controller.hpp"

namespace handloop {

namespace {

// One crush limit: the grip's holds for what the law adds to it, too.
ForceLawConfig limited_law(const ControllerConfig& config) {
  ForceLawConfig law = config.law;
  law.force_max = config.grip.force_max;
  return law;
}

ObjectGraspConfig limited_object(const ControllerConfig& config) {
  ObjectGraspConfig object = config.object;
  object.force_max = config.grip.force_max;
  object.force_min = std::min(object.force_min, object.force_max);
  return object;
}

}  // namespace

Controller::Controller(const HandModel& hand, const ControllerConfig& config)
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
      law_(limited_law(config), config.period),
      custom_law_(limited_law(config), config.safety.torque_max, config.period),
      safety_(config.safety),
      transmission_(hand, config.transmission),
      motors_(config.motors, config.period),
      feels_by_motors_(config.observer.force_source == ForceSource::kMotors),
      force_estimate_(config.observer, config.motors, hand) {
  sample_.q = sample_.dq = JointVector::Zero(hand.joint_count);
  reset();
}

void Controller::reset() {
  force_feedback_.reset();
  task_.reset();
  grip_.reset();
  object_.reset();
  bumpless_.reset();
  law_.reset();
  kind_ = TaskKind::kPosture;
  custom_law_.reset();
  safety_.reset();
  transmission_.reset();
  motors_.reset();
  force_estimate_.reset();
  frozen_ = false;
  wanted_force_.fill(0.0);
  command_.torque = JointVector::Zero(kinematics_.model().joint_count);
  command_.effort = ActuatorVector::Zero(transmission_.motor_count());
  command_.current = command_.duty = command_.effort;
}

const HandCommand& Controller::tick(const HandState& sample, double now) {
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
  drive_motors();
  if (feels_by_motors_) force_estimate_.remember(now, command_.effort);
  return command_;
}

void Controller::feel(double now) {
  if (feels_by_motors_) force_estimate_.update(kinematics_, sample_);
  const PerFinger<FingerForce>& finger = force_feedback_.update(kinematics_, sample_);
  if (safety_.state() > SafetyState::kDegraded) return;
  task_.update(finger, sample_.q, now);
  // Fingers that arrive slide, but that says nothing of what they will hold.
  if (!task_.settled()) return;
  grip_.update(finger);
  object_.feel(finger);
}

void Controller::apply_law(bool fresh, double now) {
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

void Controller::change_task(TaskKind kind) {
  kind_ = kind;
  fingertips_.begin(kinematics_);
  object_.take_hold();
  law_.reset();
  bumpless_.change();
}

void Controller::hold_posture(bool fresh) {
  command_.torque = law_.hold_posture(kinematics_, task_.reference(), sample_);
  press_as_gripped(fresh);
}

void Controller::press_as_gripped(bool fresh) {
  // In HOLD the task no longer notices when a finger loses touch.
  for (int f = 0; f < kinematics_.model().finger_count; ++f) {
    press(f, task_.gripping(f) ? wanted_force(f) : 0.0, fresh);
  }
}

void Controller::hold_fingertips(const TaskStep& step, bool fresh) {
  JointVector posture = law_.spring(task_.reference(), sample_);
  for (int f = 0; f < kinematics_.model().finger_count; ++f) {
    remove_point_force(kinematics_, finger_of_joint_, f, kinematics_.tip_position(f), posture);
  }
  command_.torque = law_.rest(kinematics_, sample_) + posture;
  fingertips_.add(kinematics_, step.tip_offset, sample_.dq, command_.torque);
  press_as_gripped(fresh);
}

void Controller::hold_object(const TaskStep& step, bool fresh) {
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

void Controller::press(int f, double wanted, bool fresh) {
  const FingerForce& finger = force_feedback_.finger(f);
  double& noted = wanted_force_[static_cast<std::size_t>(f)];
  noted = finger.touching ? wanted : 0.0;
  if (noted > 0.0) {
    law_.press(f, noted, finger, kinematics_, command_.torque, fresh);
  } else {
    law_.release(f);
  }
}

void Controller::drive_motors() {
  const bool driven = safety_.torque_allowed();
  if (driven) {
    transmission_.update(kinematics_, sample_.q);
    command_.effort = transmission_.efforts(command_.torque, sample_.dq);
  } else {
    command_.effort.setZero();  // a limp hand: no torque, and no pretension either
  }
  if (motors_.ideal()) {
    command_.current = command_.effort;
    return;
  }
  motors_.deliver(command_, transmission_.speeds(sample_.dq), sample_.temperature, driven);
  const HottestMotor hottest = motors_.hottest();
  safety_.report_winding(hottest.index, hottest.winding, hottest.limit);
}

}  // namespace handloop
