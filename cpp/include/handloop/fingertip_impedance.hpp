// Fingertips that give like springs in space.
//
//   tau_f = J^T (K (x_wanted - x) - D J dq)
//
// for each fingertip (Hogan 1985, Khatib 1987). What a finger of more than three joints can do
// without moving its tip stays with the posture: joint impedance through the null space of the tip,
// tau - J^T (J J^T)^-1 J tau.
#pragma once

#include "handloop/hand_model.hpp"
#include "handloop/solve_symmetric.hpp"

namespace handloop {

struct FingertipImpedanceConfig {
  double stiffness = 500.0;  // [N/m]
  double damping = 0.0;      // [N s/m], besides that of the joints
};

// Takes from `tau` what would move or load finger `f` at `point` [m].
inline void remove_point_force(const HandKinematics& hand,
                               const std::array<int, kMaxJoints>& finger_of_joint, int f,
                               const Vec3& point, JointVector& tau) {
  constexpr double kStretched = 1e-8;  // [m2], keeps a finger finite that cannot move its tip
  const HandModel& model = hand.model();
  const auto for_own_joints = [&](auto visit) {
    for (int i = model.tip[static_cast<std::size_t>(f)].link;
         i >= 0 && finger_of_joint[static_cast<std::size_t>(i)] == f;
         i = model.link[static_cast<std::size_t>(i)].parent) {
      visit(i);
    }
  };
  Mat3 gram = kStretched * Mat3::Identity();
  Vec3 moved = Vec3::Zero();
  for_own_joints([&](int i) {
    const Vec3 column = hand.point_jacobian(i, point);
    gram += column * column.transpose();
    moved += column * tau[i];
  });
  Vec3 force = moved;
  solve_symmetric<3>(gram, force);
  const Vec3 torque = point.cross(force);
  for_own_joints([&](int i) { tau[i] -= hand.torque_of(i, force, torque); });
}

class FingertipImpedance {
 public:
  explicit FingertipImpedance(const FingertipImpedanceConfig& config) : config_(config) {}

  // From now on the tips belong where they are, but for the offsets of the task.
  void begin(const HandKinematics& hand) {
    for (int f = 0; f < hand.model().finger_count; ++f) {
      origin_[static_cast<std::size_t>(f)] = hand.tip_position(f);
    }
  }

  // Adds the torques [N m] that pull each tip to its place.
  void add(const HandKinematics& hand, const PerFinger<Vec3>& offset, const JointVector& dq,
           JointVector& torque) const {
    for (int f = 0; f < hand.model().finger_count; ++f) {
      const auto k = static_cast<std::size_t>(f);
      const Vec3 force = config_.stiffness * (origin_[k] + offset[k] - hand.tip_position(f)) -
                         config_.damping * (hand.tip_jacobian(f) * dq);
      hand.add_point_force(f, hand.tip_position(f), force, torque);
    }
  }

 private:
  FingertipImpedanceConfig config_;
  PerFinger<Vec3> origin_{};  // [m], world
};

}  // namespace handloop
