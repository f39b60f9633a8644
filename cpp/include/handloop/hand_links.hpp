// A hand as a tree of single-axis joints, read once (mujoco_hand.hpp) and never changed.
#pragma once

#include <array>

#include "handloop/types.hpp"

namespace handloop {

enum class JointKind : std::uint8_t { kHinge, kSlide };

// One joint and the rigid body that moves with it.
struct Link {
  int parent = -1;  // link before this one, -1 for the fixed base
  JointKind kind = JointKind::kHinge;
  // Frame of this link in its parent's while the joint is at `reference`.
  Vec3 parent_from_link_position = Vec3::Zero();
  Mat3 parent_from_link_rotation = Mat3::Identity();
  Vec3 anchor = Vec3::Zero();   // [m], a point on the axis, link frame
  Vec3 axis = Vec3::UnitZ();    // unit, link frame
  double reference = 0.0;       // [rad] or [m], the position at which the joint does nothing
  double mass = 0.0;            // [kg]
  Vec3 com = Vec3::Zero();      // [m], link frame
  Mat3 inertia = Mat3::Zero();  // [kg m2], about the centre of mass, link axes
  double armature = 0.0;        // [kg m2] (hinge) or [kg] (slide)
};

// A fingertip: a frame fixed to a link.
struct Tip {
  int link = -1;
  Vec3 link_from_tip_position = Vec3::Zero();
  Mat3 link_from_tip_rotation = Mat3::Identity();
};

struct HandModel {
  int joint_count = 0;
  int finger_count = 0;
  Vec3 base_position = Vec3::Zero();
  Mat3 base_rotation = Mat3::Identity();
  Vec3 gravity{0.0, 0.0, -9.81};        // [m/s2]
  std::array<Link, kMaxJoints> link{};  // parents before children
  PerFinger<Tip> tip{};
};

// The finger that each joint moves; -1 for one that moves several (the wrist) or none.
inline std::array<int, kMaxJoints> finger_of_joint(const HandModel& hand) {
  std::array<int, kMaxJoints> users{}, finger;
  finger.fill(-1);
  for (int f = 0; f < hand.finger_count; ++f) {
    for (int i = hand.tip[static_cast<std::size_t>(f)].link; i >= 0;
         i = hand.link[static_cast<std::size_t>(i)].parent) {
      const auto k = static_cast<std::size_t>(i);
      finger[k] = ++users[k] == 1 ? f : -1;
    }
  }
  return finger;
}

}  // namespace handloop
