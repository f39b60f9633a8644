// A held object as a whole: where it is, the wrench that it needs, and how the fingers share it.
//
// Chains object_impedance.hpp, friction_belief.hpp and grasp_force.hpp. A contact that slips is
// believed in less at once, so the next solution presses harder there; the extra grip fades when
// the slip is over.
#pragma once

#include "handloop/friction_belief.hpp"
#include "handloop/grasp_force.hpp"
#include "handloop/object_impedance.hpp"

namespace handloop {

struct ObjectGraspConfig {
  ObjectImpedanceConfig impedance;
  FrictionConfig friction;
  GraspForceConfig solver{.max_work = 180};  // some 5 us; what is unfinished goes on next tick
  double margin = 0.15;                      // part of the friction that is left unused
  double force_min = 0.5;                    // [N], normal force that keeps touch
  double force_max = 20.0;    // [N], that crushes nothing; the controller sets the grip's
  double reflex_rate = 30.0;  // [1/s], growth of the grip while a contact slips
  double reflex_gain = 0.5;   // growth that one slip may add
  double release_time = 0.3;  // [s], time constant of giving it back
};

class ObjectGrasp {
 public:
  ObjectGrasp(const ObjectGraspConfig& config, const HandModel& hand, const JointVector& torque_max,
              double period)
      : config_(config),
        finger_of_joint_(finger_of_joint(hand)),
        torque_max_(torque_max),
        period_(period),
        impedance_(config.impedance, period),
        friction_(make_beliefs(config.friction, period, std::make_index_sequence<kMaxFingers>())),
        solver_(config.solver) {
    reset();
  }

  void reset() {
    object_.release();
    for (FrictionBelief& belief : friction_) belief.reset();
    grip_.fill(1.0);
    solver_.reset();
    problem_ = {};
    result_ = {};
    holding_ = false;
  }

  // Learns from the contacts, whether or not this stage is in command.
  void feel(const PerFinger<FingerForce>& finger) {
    for (std::size_t f = 0; f < kMaxFingers; ++f) {
      friction_[f].update(finger[f]);
      const double grown = grip_[f] * (1.0 + config_.reflex_rate * period_);
      if (friction_[f].slipping()) {
        grip_[f] = std::min(grown, 1.0 + config_.reflex_gain);
      } else {
        grip_[f] += (1.0 - grip_[f]) * period_ / config_.release_time;
      }
    }
  }

  // The object as the touching fingers hold it now is where it shall stay.
  void take_hold() {
    object_.release();
    holding_ = false;
  }

  // Contact forces [N, world] of this tick. `resting` [N m]: what the joints do besides; `step`:
  // how far the object shall be from where it was taken.
  const GraspForceResult& update(const HandKinematics& hand, const PerFinger<FingerForce>& finger,
                                 const JointVector& dq, const JointVector& resting,
                                 const TaskStep& step) {
    PerFinger<bool> touching{};
    for (std::size_t f = 0; f < kMaxFingers; ++f) touching[f] = finger[f].touching;
    object_.update(hand, touching, dq);
    if (!holding_ && object_.held()) impedance_.take_hold(object_);
    holding_ = object_.held();
    const Wrench wanted = impedance_.wrench(object_, finger, step);
    pose_problem(hand, finger, resting);
    problem_.origin = object_.position();
    problem_.wrench << wanted.force, wanted.torque;
    result_ = solver_.share(problem_);
    return result_;
  }

  // Contact force [N, world] of a finger; zero if it has none.
  Vec3 force(int f) const {
    const int contact = contact_of_finger_[static_cast<std::size_t>(f)];
    return contact < 0 ? Vec3(Vec3::Zero()) : result_.force[static_cast<std::size_t>(contact)];
  }

  const GraspForceResult& result() const { return result_; }  // without its residual
  GraspResiduals residual() const { return solver_.residual(problem_, result_); }
  const GraspProblem& problem() const { return problem_; }
  const VirtualObject& object() const { return object_; }
  const FrictionBelief& friction(int f) const { return friction_[static_cast<std::size_t>(f)]; }

 private:
  template <std::size_t... i>
  static PerFinger<FrictionBelief> make_beliefs(const FrictionConfig& config, double period,
                                                std::index_sequence<i...>) {
    return {((void)i, FrictionBelief(config, period))...};
  }

  void pose_problem(const HandKinematics& hand, const PerFinger<FingerForce>& finger,
                    const JointVector& resting) {
    PerFinger<Vec3> last;
    for (int f = 0; f < kMaxFingers; ++f) last[static_cast<std::size_t>(f)] = force(f);
    problem_.contact_count = 0;
    contact_of_finger_.fill(-1);
    for (int f = 0; f < hand.model().finger_count; ++f) {
      const auto k = static_cast<std::size_t>(f);
      if (!finger[k].touching) continue;
      contact_of_finger_[k] = problem_.contact_count;
      problem_.last[static_cast<std::size_t>(problem_.contact_count)] = last[k];
      GraspContact& contact = problem_.contact[static_cast<std::size_t>(problem_.contact_count++)];
      contact.position = finger[k].point;
      contact.normal = finger[k].direction;
      const double unused = friction_[k].slips() > 0 ? config_.margin : 0.0;
      contact.friction = friction_[k].value() * (1.0 - unused) / grip_[k];
      contact.force_min = config_.force_min;
      contact.force_max = config_.force_max;
      contact.weight = 1.0;
      add_torque_rows(hand, f, resting, contact);
    }
  }

  // What is left of each joint's torque. The wrist is left out: its torque is that of the wrench.
  void add_torque_rows(const HandKinematics& hand, int f, const JointVector& resting,
                       GraspContact& contact) const {
    contact.row_count = 0;
    for (int i = hand.model().tip[static_cast<std::size_t>(f)].link;
         i >= 0 && contact.row_count < kMaxTorqueRows &&
         finger_of_joint_[static_cast<std::size_t>(i)] == f;
         i = hand.model().link[static_cast<std::size_t>(i)].parent) {
      TorqueRow& row = contact.row[static_cast<std::size_t>(contact.row_count++)];
      row.arm = hand.point_jacobian(i, contact.position);
      row.low = std::min(-torque_max_[i] - resting[i], 0.0);
      row.high = std::max(torque_max_[i] - resting[i], 0.0);
    }
  }

  ObjectGraspConfig config_;
  const std::array<int, kMaxJoints> finger_of_joint_;
  JointVector torque_max_;
  double period_;
  VirtualObject object_;
  ObjectImpedance impedance_;
  PerFinger<FrictionBelief> friction_;
  PerFinger<double> grip_{};  // how much harder than needed a contact is held, >= 1
  GraspForceSolver solver_;
  GraspProblem problem_;
  GraspForceResult result_;
  PerFinger<int> contact_of_finger_{};
  bool holding_ = false;
};

}  // namespace handloop
