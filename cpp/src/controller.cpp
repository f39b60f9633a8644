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

// What no motor may pass: its own bounds, and where it turns one joint that joint's torque limit.
EffortBounds effort_bounds(const ControllerConfig& config) {
  EffortBounds bounds = config.transmission.bounds;
  if (config.transmission.kind != TransmissionKind::kDirect) return bounds;
  const JointVector& most = config.safety.torque_max;
  if (bounds.max.size() == 0) return {-most, JointVector::Zero(most.size()), most};
  bounds.min = bounds.min.cwiseMax(-most).cwiseMin(most);
  bounds.max = bounds.max.cwiseMax(-most).cwiseMin(most);
  return bounds;
}

}  // namespace

Controller::Controller(const HandModel& hand, const ControllerConfig& config)
    : period_(config.period),
      kinematics_(hand),
      force_feedback_(config.force_feedback, config.period),
      task_(config.task, hand, config.period),
      grip_(config.grip, config.task.thumb, hand.finger_count, config.period),
      guidance_(config.safety.position_min, config.safety.position_max, config.period),
      fingertips_(config.fingertips),
      object_(limited_object(config), hand, config.safety.torque_max, config.period),
      bumpless_(config.fade_time, config.period),
      finger_of_joint_(finger_of_joint(hand)),
      law_(limited_law(config), config.period),
      hold_(config.hold, hand, config.task.thumb, config.law.stiffness, config.safety.torque_max,
            config.period),
      custom_law_(limited_law(config), config.safety.torque_max, config.period),
      safety_(config.safety, config.period),
      transmission_(hand, config.transmission),
      motors_(config.motors, config.period, effort_bounds(config)),
      feels_by_motors_(config.observer.force_source == ForceSource::kMotors),
      force_estimate_(config.observer, config.motors, hand) {
  sample_.q = sample_.dq = JointVector::Zero(hand.joint_count);
  reset();
}

void Controller::reset() {
  force_feedback_.reset();
  task_.reset();
  grip_.reset();
  guidance_.reset();
  object_.reset();
  bumpless_.reset();
  law_.reset();
  hold_.reset();
  kind_ = TaskKind::kPosture;
  custom_law_.reset();
  safety_.reset();
  transmission_.reset();
  motors_.reset();
  force_estimate_.reset();
  frozen_ = false;
  sample_.time = -std::numeric_limits<double>::infinity();
  wanted_force_.fill(0.0);
  command_.torque = JointVector::Zero(kinematics_.model().joint_count);
  command_.effort = ActuatorVector::Zero(transmission_.motor_count());
  command_.current = command_.duty = command_.effort;
  command_.limp = false;
}

const HandCommand& Controller::tick(const HandState& sample, double now) {
  const bool fresh = safety_.inspect(sample, now);
  repeated_ = !fresh || (sample.sequence == sample_.sequence && sample.time == sample_.time);
  if (fresh) sample_ = sample;
  if (fresh) safety_.watch_for_frozen_sensors(sample_, command_.torque, wanted_force_, now);
  command_.time = now;
  if (safety_.torque_allowed()) {
    kinematics_.update_position(sample_.q);
    if (fresh) feel(now);
    if (!safety_.damps(sample_, now)) sample_.dq.setZero();
    if (safety_.state() > SafetyState::kDegraded && !frozen_) {
      task_.freeze(sample_.q);
      frozen_ = true;
    }
    if (frozen_) {
      // A custom law does not hold the hand, because it may be the fault.
      hold_posture(fresh);
    } else {
      follow_guidance();
      apply_law(fresh, now);
    }
  }
  safety_.limit(command_.torque);
  drive_motors();
  if (feels_by_motors_) force_estimate_.remember(now, command_.effort);
  return command_;
}

void Controller::feel(double now) {
  if (feels_by_motors_) {
    force_estimate_.update(kinematics_, sample_);
    safety_.judge_forces(sample_.contact, now);
  }
  const PerFinger<FingerForce>& finger = force_feedback_.update(kinematics_, sample_);
  if (safety_.state() > SafetyState::kDegraded) return;
  task_.update(finger, sample_.q, now);
  // Fingers that arrive slide, but that says nothing of what they will hold.
  if (!task_.settled()) return;
  grip_.update(finger);
  object_.feel(finger);
}

void Controller::follow_guidance() {
  if (!guidance_.given()) return;
  guidance_.move();
  grip_.set_scale(guidance_.grip_scale());
  task_.follow(guidance_);
}

void Controller::apply_law(bool fresh, double now) {
  const TaskStep step = plan_.at(now);
  if (step.kind != kind_) change_task(step.kind);
  if (custom_law_.given()) {
    custom_law_.apply(now, !repeated_, sample_, kinematics_, force_feedback_, task_, grip_,
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
  hold_.reset();
  bumpless_.change();
}

void Controller::hold_posture(bool fresh) {
  command_.torque = law_.hold_posture(kinematics_, task_.reference(), sample_);
  if (law_.overcomes_friction()) overcome_friction(fresh);
  // From HOLD on the posture of that moment is the wanted one.
  if (fresh && !frozen_) {
    hold_.update(kinematics_, force_feedback_.fingers(), sample_.q, command_.time);
  }
  hold_.add(command_.torque);
  press_as_gripped(fresh);
}

// A finger that grips is pushed by its force, and keeps what brought it there.
void Controller::overcome_friction(bool fresh) {
  const JointVector spring = law_.spring(task_.reference(), sample_);
  for (int i = 0; i < spring.size(); ++i) {
    const int f = finger_of_joint_[static_cast<std::size_t>(i)];
    const bool grips = f >= 0 && task_.gripping(f);
    command_.torque[i] += law_.push_through(i, fresh && !grips ? spring[i] : 0.0);
  }
}

void Controller::press_as_gripped(bool fresh) {
  // In HOLD the task no longer notices when a finger loses touch.
  for (int f = 0; f < kinematics_.model().finger_count; ++f) {
    press(f, task_.gripping(f) ? wanted_force(f) : 0.0, fresh);
    if (task_.gripping(f) && holds_object()) drag(f);
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
    press(f, object_force(f), fresh);
    drag(f);
  }
}

void Controller::press(int f, double wanted, bool fresh) {
  const FingerForce& finger = force_feedback_.finger(f);
  double& noted = wanted_force_[static_cast<std::size_t>(f)];
  noted = finger.touching || task_.reaching(f) ? task_.onset(f) * wanted : 0.0;
  if (noted > 0.0) {
    law_.press(f, noted, finger, kinematics_, command_.torque, fresh);
  } else {
    law_.release(f);
  }
}

// What the object needs of a finger along its surface.
void Controller::drag(int f) {
  const FingerForce& finger = force_feedback_.finger(f);
  if (!finger.touching) return;
  const Vec3 tangential = object_.force(f) - object_force(f) * finger.direction;
  kinematics_.add_point_force(f, finger.point, tangential, command_.torque);
}

void Controller::drive_motors() {
  ActuatorVector speed;
  if (safety_.torque_allowed()) {
    transmission_.update(kinematics_, sample_.q);
    command_.effort = transmission_.efforts(command_.torque, sample_.dq);
    if (!motors_.ideal()) speed = transmission_.speeds(sample_.dq);
    safety_.judge_motors(command_.effort, speed);
  }
  command_.limp = !safety_.torque_allowed();
  if (command_.limp) {
    command_.torque.setZero();
    motors_.rest(command_, sample_.temperature);  // no pretension either
  } else if (motors_.ideal()) {
    command_.current = command_.effort;
  } else {
    motors_.deliver(command_, speed, sample_.temperature);
  }
  if (motors_.ideal()) return;
  const HottestMotor hottest = motors_.hottest();
  safety_.report_winding(hottest.index, hottest.winding, hottest.limit);
}

}  // namespace handloop
