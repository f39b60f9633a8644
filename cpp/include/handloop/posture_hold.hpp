// A hand that stays where it took hold: an integral takes back what its springs give under load.
//
//   tau += integral of rate K (q_taken - q)
//
// Delay bounds how stiff a spring may be, but not how little a lasting load shall move it (integral
// action, Astrom and Hagglund 1995). A pad that shall press with a force must give way along its
// normal, so of its finger's error that part is left out; the thumb is the anchor and stays.
#pragma once

#include <algorithm>
#include <limits>

#include "handloop/force_feedback.hpp"
#include "handloop/hand_model.hpp"

namespace handloop {

struct PostureHoldConfig {
  double begin = std::numeric_limits<double>::infinity();  // [s], when the hand has taken hold
  double rate = 10.0;  // [1/s], at which what gave way is taken back
  double part = 0.3;   // of each joint's largest torque, most that this adds
};

class PostureHold {
 public:
  PostureHold(const PostureHoldConfig& config, const HandModel& hand, int thumb,
              const JointVector& stiffness, const JointVector& torque_max, double period)
      : begin_(config.begin),
        step_(config.rate * period),
        thumb_(thumb),
        finger_of_joint_(finger_of_joint(hand)),
        stiffness_(stiffness),
        most_(config.part * torque_max) {}

  void reset() { holding_ = false; }

  // Goes on by a fresh sample.
  void update(const HandKinematics& hand, const PerFinger<FingerForce>& finger,
              const JointVector& q, double now) {
    if (now < begin_) return;
    if (!holding_) take_hold(finger, q);
    for (int f = 0; f < hand.model().finger_count; ++f) follow_touch(f, finger[index(f)], q);
    JointVector missing = taken_ - q;
    JointVector pull = stiffness_.cwiseProduct(missing);
    for (int f = 0; f < hand.model().finger_count; ++f) {
      if (f != thumb_ && touched_[index(f)]) yield(hand, f, finger[index(f)], missing, pull);
    }
    torque_ = (torque_ + step_ * pull).cwiseMax(-most_).cwiseMin(most_);
  }

  // Adds the torques [N m] that hold.
  void add(JointVector& torque) const {
    if (holding_) torque += torque_;
  }

 private:
  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

  void take_hold(const PerFinger<FingerForce>& finger, const JointVector& q) {
    taken_ = q;
    torque_ = JointVector::Zero(q.size());
    for (std::size_t f = 0; f < finger.size(); ++f) touched_[f] = finger[f].touching;
    holding_ = true;
  }

  // A finger that begins or ceases to touch is wanted where it does.
  void follow_touch(int f, const FingerForce& finger, const JointVector& q) {
    if (finger.touching == touched_[index(f)]) return;
    touched_[index(f)] = finger.touching;
    for (int i = 0; i < q.size(); ++i) {
      if (finger_of_joint_[index(i)] == f) taken_[i] = q[i];
    }
  }

  // Leaves out of `pull` what makes for the way that the pad is off along its normal.
  void yield(const HandKinematics& hand, int f, const FingerForce& finger,
             const JointVector& missing, JointVector& pull) const {
    JointVector arm = JointVector::Zero(pull.size());
    double way = 0.0, compliance = 0.0;  // [m], [m/N]
    for (int i = hand.model().tip[index(f)].link; i >= 0 && finger_of_joint_[index(i)] == f;
         i = hand.model().link[index(i)].parent) {
      if (stiffness_[i] <= 0.0) continue;
      arm[i] = hand.point_jacobian(i, finger.point).dot(finger.direction);
      way += arm[i] * missing[i];
      compliance += arm[i] * arm[i] / stiffness_[i];
    }
    if (compliance > 0.0) pull -= arm * (way / compliance);
  }

  double begin_, step_;
  int thumb_;
  std::array<int, kMaxJoints> finger_of_joint_;
  JointVector stiffness_, most_;
  JointVector taken_, torque_;  // [rad], [N m]
  PerFinger<bool> touched_{};
  bool holding_ = false;
};

}  // namespace handloop
