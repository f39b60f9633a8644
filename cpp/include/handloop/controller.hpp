// One tick: model -> force feedback -> task -> grasp force -> law -> safety -> transmission ->
// motor.
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
#include "handloop/guidance.hpp"
#include "handloop/hand_model.hpp"
#include "handloop/motor.hpp"
#include "handloop/object_grasp.hpp"
#include "handloop/posture_hold.hpp"
#include "handloop/posture_task.hpp"
#include "handloop/safety.hpp"
#include "handloop/transmission.hpp"

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
  PostureHoldConfig hold;
  SafetyConfig safety;
  TransmissionConfig transmission;
  MotorConfig motors;
  ObserverConfig observer;
};

class Controller {
 public:
  Controller(const HandModel& hand, const ControllerConfig& config);

  // Forgets everything felt; keeps the trajectory. The only way out of HOLD, LIMP and STOPPED.
  void reset();

  void set_trajectory(const JointTrajectory& trajectory) { task_.set_trajectory(trajectory); }
  // The same of any length; a trajectory that is set later takes its place.
  void set_recording(std::shared_ptr<const RecordedTrajectory> recording) {
    task_.set_recording(std::move(recording));
  }
  // The same from another thread, also while a loop runs.
  void set_stream(std::shared_ptr<const PostureStream> stream) {
    task_.set_stream(std::move(stream));
  }
  void set_plan(const TaskPlan& plan) { plan_ = plan; }
  // From the next tick until a reset: joints held `offset` [rad] from where they would be, and a
  // grip level scaled, reached `within` [s]. Nothing of it counts from HOLD on but the grip, which
  // stays as it is then. Throws std::invalid_argument.
  void guide(const JointVector& offset, double grip_scale, double within) {
    guidance_.set(offset, grip_scale, within);
  }
  // Replaces the built-in law; one without a function puts it back. Not for a tick: takes memory.
  void set_law(CustomLaw law) {
    custom_law_.set(std::move(law));
    law_.reset();
    bumpless_.reset();
  }
  // For a simulation that begins anew: its motors have stood for long.
  void cool_down() { motors_.cool_down(); }
  void request_stop() { safety_.request_stop(); }
  // Of the last tick, by whoever has a clock: whether it took longer than it may.
  void report_duration(bool too_long) { safety_.report_duration(too_long); }

  // Computes the torques for `now` [s] from the newest sample.
  const HandCommand& tick(const HandState& sample, double now);

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
    return holds_object() ? object_force(f) : grip_.wanted_force(f);
  }
  const Safety& safety() const { return safety_; }
  const Transmission& transmission() const { return transmission_; }
  const Motors& motors() const { return motors_; }
  const ForceEstimate& force_estimate() const { return force_estimate_; }

 private:
  void feel(double now);
  void follow_guidance();
  void apply_law(bool fresh, double now);
  void change_task(TaskKind kind);
  void hold_posture(bool fresh);
  void overcome_friction(bool fresh);
  void press_as_gripped(bool fresh);
  void hold_fingertips(const TaskStep& step, bool fresh);
  void hold_object(const TaskStep& step, bool fresh);

  // A custom law grips by itself, whatever the plan says.
  bool holds_object() const { return kind_ == TaskKind::kObject && !custom_law_.given(); }
  double object_force(int f) const {
    return object_.force(f).dot(force_feedback_.finger(f).direction);
  }
  void press(int f, double wanted, bool fresh);
  void drag(int f);
  void drive_motors();

  double period_;  // [s]
  HandKinematics kinematics_;
  ForceFeedback force_feedback_;
  PostureTask task_;
  GripReflex grip_;
  Guidance guidance_;
  FingertipImpedance fingertips_;
  ObjectGrasp object_;
  Bumpless bumpless_;
  const std::array<int, kMaxJoints> finger_of_joint_;
  TaskPlan plan_;
  TaskKind kind_ = TaskKind::kPosture;
  ForceLaw law_;
  PostureHold hold_;
  CustomLawStage custom_law_;
  Safety safety_;
  Transmission transmission_;
  Motors motors_;
  bool feels_by_motors_;
  ForceEstimate force_estimate_;
  HandState sample_;
  HandCommand command_;
  PerFinger<double> wanted_force_{};  // [N], of the last tick
  bool frozen_ = false;
  bool repeated_ = false;  // still the sample of the tick before, or none that is good
};

}  // namespace handloop
