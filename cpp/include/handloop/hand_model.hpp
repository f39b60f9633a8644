// Kinematics and dynamics of a hand: a tree of single-axis joints.
//
// The model is read once (see mujoco_hand.hpp) and never changes; `HandKinematics` is the work
// space that follows one state. Everything is in world axes. Newton-Euler recursion and composite
// bodies: Featherstone, Rigid Body Dynamics Algorithms (2008), chapters 5 and 6, written for
// 3-vectors.
#pragma once

#include <Eigen/Geometry>
#include <array>

#include "handloop/sine_cosine.hpp"
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

// How kinetic energy T depends on the joints' velocities and on their positions.
struct EnergyGradient {
  JointVector momentum;  // dT/d(dq) = M(q) dq, [kg m2/s]
  JointVector position;  // dT/dq = C(q, dq)^T dq, [N m]
};

// Where the hand is, and what that costs: at the reference until `update_position` moves it.
class HandKinematics {
 public:
  explicit HandKinematics(const HandModel& model) : model_(model) {
    for (auto& j : tip_jacobian_) j = Jacobian::Zero(3, model.joint_count);
    for (auto& j : tip_rotation_jacobian_) j = Jacobian::Zero(3, model.joint_count);
    JointVector reference(model.joint_count);
    for (int i = 0; i < model.joint_count; ++i) {
      reference[i] = model.link[index(i)].reference;
      mount_[index(i)] = mount(model.link[index(i)]);
    }
    update_position(reference);
  }

  const HandModel& model() const { return model_; }

  void update_position(const JointVector& q) {
    // Angles do not wait for each other, links do.
    for (int i = 0; i < model_.joint_count; ++i) {
      turn_[index(i)] = sine_cosine(q[i] - model_.link[index(i)].reference);
    }
    for (int i = 0; i < model_.joint_count; ++i) place_link(i, q[i]);
    for (int f = 0; f < model_.finger_count; ++f) place_tip(f);
  }

  // A point on the axis of a joint, [m].
  const Vec3& joint_position(int joint) const { return anchor_[index(joint)]; }
  // Frame of a link in the world, [m], and the axis of its joint.
  const Vec3& link_position(int link) const { return position_[index(link)]; }
  const Mat3& link_rotation(int link) const { return rotation_[index(link)]; }
  const Vec3& joint_axis(int joint) const { return axis_[index(joint)]; }
  const Vec3& tip_position(int finger) const { return tip_position_[index(finger)]; }
  const Mat3& tip_rotation(int finger) const { return tip_rotation_[index(finger)]; }
  // Velocity of the fingertip site = J dq, [m/s] and [rad/s] in world axes.
  const Jacobian& tip_jacobian(int finger) const { return tip_jacobian_[index(finger)]; }
  const Jacobian& tip_rotation_jacobian(int finger) const {
    return tip_rotation_jacobian_[index(finger)];
  }

  // Velocity of `point` [m, world] on the links beyond joint `i`, per unit of that joint's own.
  Vec3 point_jacobian(int i, const Vec3& point) const {
    const Screw& s = screw_[index(i)];
    return s.angular.cross(point) + s.linear;
  }
  // Velocity of the fingertip site, [m/s].
  Vec3 tip_velocity(int finger, const JointVector& dq) const {
    Vec3 angular = Vec3::Zero(), linear = Vec3::Zero();
    for (int i = model_.tip[index(finger)].link; i >= 0; i = model_.link[index(i)].parent) {
      angular += dq[i] * screw_[index(i)].angular;
      linear += dq[i] * screw_[index(i)].linear;
    }
    return angular.cross(tip_position_[index(finger)]) + linear;
  }

  // tau += J^T force for a force [N] that the fingertip exerts at `point` [m], both in world axes.
  void add_point_force(int finger, const Vec3& point, const Vec3& force, JointVector& tau) const {
    const Vec3 torque = point.cross(force);
    for (int i = model_.tip[index(finger)].link; i >= 0; i = model_.link[index(i)].parent) {
      tau[i] += torque_of(i, force, torque);
    }
  }

  // What a force and a torque [N, N m] about the world's origin do along joint `i`, [N m].
  double torque_of(int i, const Vec3& force, const Vec3& torque) const {
    const Screw& s = screw_[index(i)];
    return s.angular.dot(torque) + s.linear.dot(force);
  }

  // Torques that hold the hand still against gravity, [N m]: of each joint, what the weight of all
  // that hangs on it would do.
  JointVector gravity_torque() {
    for (int i = 0; i < model_.joint_count; ++i) {
      const Link& link = model_.link[index(i)];
      burden_[index(i)] = {link.mass,
                           link.mass * (position_[index(i)] + rotation_[index(i)] * link.com)};
    }
    JointVector tau(model_.joint_count);
    for (int i = model_.joint_count - 1; i >= 0; --i) {
      const auto& [mass, moment] = burden_[index(i)];
      tau[i] = -torque_of(i, mass * model_.gravity, moment.cross(model_.gravity));
      const int parent = model_.link[index(i)].parent;
      if (parent < 0) continue;
      burden_[index(parent)].mass += mass;
      burden_[index(parent)].moment += moment;
    }
    return tau;
  }

  // Torques for the motion (dq, ddq) under gravity, armature included: M ddq + bias(q, dq), [N m].
  JointVector inverse_dynamics(const JointVector& dq, const JointVector& ddq) {
    for (int i = 0; i < model_.joint_count; ++i) accelerate_link(i, dq[i], ddq[i]);
    JointVector tau(model_.joint_count);
    for (int i = model_.joint_count - 1; i >= 0; --i) {
      const Wrench& w = wrench_[index(i)];
      tau[i] = axis_[index(i)].dot(is_hinge(i) ? w.torque : w.force) +
               model_.link[index(i)].armature * ddq[i];
      hand_down(i);
    }
    return tau;
  }

  // Coriolis, centrifugal and gravity torques, [N m].
  JointVector bias_torque(const JointVector& dq) {
    return inverse_dynamics(dq, JointVector::Zero(model_.joint_count));
  }

  // Gradient of the kinetic energy, without forming M or C: one pass out for the twists, one pass
  // back for the momenta h_i of all that hangs on joint i. With s_i its unit twist,
  //   dT/d(dq_i) = s_i . h_i + armature dq_i,   dT/dq_i = -h_i . (s_i x V_parent),
  // because moving joint i alone does to its subtree what the opposite motion does to V_parent.
  EnergyGradient energy_gradient(const JointVector& dq) {
    const int n = model_.joint_count;
    for (int i = 0; i < n; ++i) push_link(i, dq[i]);
    EnergyGradient out{JointVector(n), JointVector(n)};
    for (int i = n - 1; i >= 0; --i) {
      const Momentum& h = momentum_[index(i)];
      const Push& parent = push_[index(i)];
      const Vec3& axis = axis_[index(i)];
      out.momentum[i] =
          axis.dot(is_hinge(i) ? h.angular : h.linear) + model_.link[index(i)].armature * dq[i];
      const Vec3 turned = parent.angular_before.cross(is_hinge(i) ? h.angular : h.linear);
      out.position[i] =
          -axis.dot(is_hinge(i) ? Vec3(turned + parent.linear_before.cross(h.linear)) : turned);
      const int p = model_.link[index(i)].parent;
      if (p < 0) continue;
      momentum_[index(p)].linear += h.linear;
      momentum_[index(p)].angular += h.angular + parent.arm.cross(h.linear);
    }
    return out;
  }

  // Joint-space inertia with armature, [kg m2].
  JointMatrix joint_inertia() {
    compose_bodies();
    const int n = model_.joint_count;
    JointMatrix inertia = JointMatrix::Zero(n, n);
    for (int i = 0; i < n; ++i) {
      const Composite& c = composite_[index(i)];
      // Wrench about the common centre of mass that a unit acceleration of joint i asks for.
      const Vec3& axis = axis_[index(i)];
      const Vec3 force = c.mass * (is_hinge(i) ? axis.cross(c.com - anchor_[index(i)]) : axis);
      const Vec3 torque = is_hinge(i) ? Vec3(c.inertia * axis) : Vec3::Zero();
      for (int j = i; j >= 0; j = model_.link[index(j)].parent) {
        const Vec3 moment = torque + (c.com - anchor_[index(j)]).cross(force);
        inertia(i, j) = inertia(j, i) = axis_[index(j)].dot(is_hinge(j) ? moment : force);
      }
      inertia(i, i) += model_.link[index(i)].armature;
    }
    return inertia;
  }

 private:
  struct Wrench {
    Vec3 force, torque;  // about the link's anchor
  };
  struct Motion {
    Vec3 velocity, acceleration;  // angular
    Vec3 anchor_acceleration;     // linear, of the anchor, gravity included
  };
  // Velocities of a link and, `before` its joint adds to them, of its parent; linear ones are those
  // of the link's anchor, whose distance from the parent's is `arm`.
  struct Push {
    Vec3 angular, linear, angular_before, linear_before, arm;
  };
  struct Momentum {
    Vec3 linear, angular;  // about the link's anchor
  };
  // Of a link, what does not change with its joint, in its parent's frame.
  struct Mount {
    Vec3 axis, anchor;
    Mat3 along, across, turned;
  };
  // What a joint does per unit of its speed to what hangs on it, seen as one body that reaches to
  // the world's origin: how that turns, and how it moves there.
  struct Screw {
    Vec3 angular, linear;
  };
  struct Burden {
    double mass;
    Vec3 moment;  // mass times its centre
  };
  struct Composite {
    double mass;
    Vec3 com;
    Mat3 inertia;  // about com
  };

  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }
  bool is_hinge(int i) const { return model_.link[index(i)].kind == JointKind::kHinge; }

  // Rodrigues (1840): a turn about `axis` = along + cos across + sin turned.
  static Mount mount(const Link& link) {
    const Mat3& before = link.parent_from_link_rotation;
    const Mat3 along = link.axis * link.axis.transpose();
    Mat3 turned;
    for (int k = 0; k < 3; ++k) turned.col(k) = link.axis.cross(Vec3::Unit(k));
    return {before * link.axis, link.parent_from_link_position + before * link.anchor,
            before * along, before * (Mat3::Identity() - along), before * turned};
  }

  void place_link(int i, double q) {
    const Link& link = model_.link[index(i)];
    const Mount& mount = mount_[index(i)];
    const bool rooted = link.parent < 0;
    const Mat3& parent_rotation = rooted ? model_.base_rotation : rotation_[index(link.parent)];
    const Vec3& parent_position = rooted ? model_.base_position : position_[index(link.parent)];
    const double travel = q - link.reference;
    axis_[index(i)] = parent_rotation * mount.axis;
    anchor_[index(i)] = parent_position + parent_rotation * mount.anchor;
    if (link.kind == JointKind::kHinge) {
      const auto [sine, cosine] = turn_[index(i)];
      const Mat3 turn = mount.along + cosine * mount.across + sine * mount.turned;
      rotation_[index(i)].noalias() = parent_rotation * turn;
      screw_[index(i)] = {axis_[index(i)], anchor_[index(i)].cross(axis_[index(i)])};
    } else {
      rotation_[index(i)].noalias() = parent_rotation * link.parent_from_link_rotation;
      anchor_[index(i)] += travel * axis_[index(i)];
      screw_[index(i)] = {Vec3::Zero(), axis_[index(i)]};
    }
    position_[index(i)] = anchor_[index(i)] - rotation_[index(i)] * link.anchor;
  }

  void place_tip(int finger) {
    const Tip& tip = model_.tip[index(finger)];
    const Mat3& rotation = rotation_[index(tip.link)];
    const Vec3 point = position_[index(tip.link)] + rotation * tip.link_from_tip_position;
    tip_position_[index(finger)] = point;
    tip_rotation_[index(finger)] = rotation * tip.link_from_tip_rotation;
    // Columns of joints that do not carry this finger stay zero from construction.
    for (int i = tip.link; i >= 0; i = model_.link[index(i)].parent) {
      tip_jacobian_[index(finger)].col(i) = point_jacobian(i, point);
      tip_rotation_jacobian_[index(finger)].col(i) = screw_[index(i)].angular;
    }
  }

  void accelerate_link(int i, double dq, double ddq) {
    const Link& link = model_.link[index(i)];
    const bool rooted = link.parent < 0;
    // Gravity enters as an upward acceleration of the base.
    const Motion base{Vec3::Zero(), Vec3::Zero(), -model_.gravity};
    const Motion& parent = rooted ? base : motion_[index(link.parent)];
    const Vec3 arm =
        anchor_[index(i)] - (rooted ? model_.base_position : anchor_[index(link.parent)]);
    const Vec3& axis = axis_[index(i)];
    Motion& motion = motion_[index(i)];
    motion = parent;
    motion.anchor_acceleration +=
        parent.acceleration.cross(arm) + parent.velocity.cross(parent.velocity.cross(arm));
    const Vec3 coriolis = parent.velocity.cross(axis) * dq;
    if (link.kind == JointKind::kHinge) {
      motion.velocity += axis * dq;
      motion.acceleration += axis * ddq + coriolis;
    } else {
      motion.anchor_acceleration += axis * ddq + 2.0 * coriolis;
    }
    const Mat3& rotation = rotation_[index(i)];
    const Vec3 lever = position_[index(i)] + rotation * link.com - anchor_[index(i)];
    const Vec3 force = link.mass * (motion.anchor_acceleration + motion.acceleration.cross(lever) +
                                    motion.velocity.cross(motion.velocity.cross(lever)));
    const Mat3 inertia = rotation * link.inertia * rotation.transpose();
    const Vec3 torque =
        inertia * motion.acceleration + motion.velocity.cross(inertia * motion.velocity);
    wrench_[index(i)] = {force, torque + lever.cross(force)};
  }

  // Velocity of link i and its own momentum.
  void push_link(int i, double dq) {
    const Link& link = model_.link[index(i)];
    Push& push = push_[index(i)];
    if (link.parent < 0) {
      push.angular_before = push.linear_before = push.arm = Vec3::Zero();
    } else {
      const Push& parent = push_[index(link.parent)];
      push.arm = anchor_[index(i)] - anchor_[index(link.parent)];
      push.angular_before = parent.angular;
      push.linear_before = parent.linear + parent.angular.cross(push.arm);
    }
    push.angular = push.angular_before;
    push.linear = push.linear_before;
    (is_hinge(i) ? push.angular : push.linear) += axis_[index(i)] * dq;
    const Mat3& rotation = rotation_[index(i)];
    const Vec3 lever = position_[index(i)] + rotation * link.com - anchor_[index(i)];
    Momentum& h = momentum_[index(i)];
    h.linear = link.mass * (push.linear + push.angular.cross(lever));
    const Vec3 spin = link.inertia * (rotation.transpose() * push.angular);
    h.angular = rotation * spin + lever.cross(h.linear);
  }

  // Adds what link i asks of its parent. Children come after parents: one backward pass is enough.
  void hand_down(int i) {
    const int parent = model_.link[index(i)].parent;
    if (parent < 0) return;
    const Wrench& child = wrench_[index(i)];
    wrench_[index(parent)].force += child.force;
    wrench_[index(parent)].torque +=
        child.torque + (anchor_[index(i)] - anchor_[index(parent)]).cross(child.force);
  }

  // Lumps every link with all that hangs on it.
  void compose_bodies() {
    for (int i = 0; i < model_.joint_count; ++i) {
      const Link& link = model_.link[index(i)];
      const Mat3& rotation = rotation_[index(i)];
      composite_[index(i)] = {link.mass, position_[index(i)] + rotation * link.com,
                              rotation * link.inertia * rotation.transpose()};
    }
    for (int i = model_.joint_count - 1; i >= 0; --i) {
      const int parent = model_.link[index(i)].parent;
      if (parent >= 0) merge(composite_[index(i)], composite_[index(parent)]);
    }
  }

  static void merge(const Composite& part, Composite& whole) {
    const double mass = part.mass + whole.mass;
    if (mass <= 0.0) return;
    const Vec3 com = (part.mass * part.com + whole.mass * whole.com) / mass;
    whole.inertia +=
        part.inertia + shift(part.mass, part.com - com) + shift(whole.mass, whole.com - com);
    whole.mass = mass;
    whole.com = com;
  }

  // Parallel-axis term.
  static Mat3 shift(double mass, const Vec3& d) {
    return mass * (d.squaredNorm() * Mat3::Identity() - d * d.transpose());
  }

  const HandModel model_;
  std::array<Mount, kMaxJoints> mount_{};
  std::array<SineCosine, kMaxJoints> turn_{};
  std::array<Vec3, kMaxJoints> position_{}, anchor_{}, axis_{};
  std::array<Mat3, kMaxJoints> rotation_{};
  PerFinger<Vec3> tip_position_{};
  PerFinger<Mat3> tip_rotation_{};
  PerFinger<Jacobian> tip_jacobian_{}, tip_rotation_jacobian_{};
  std::array<Motion, kMaxJoints> motion_{};
  std::array<Wrench, kMaxJoints> wrench_{};
  std::array<Screw, kMaxJoints> screw_{};
  std::array<Burden, kMaxJoints> burden_{};
  std::array<Composite, kMaxJoints> composite_{};
  std::array<Push, kMaxJoints> push_{};
  std::array<Momentum, kMaxJoints> momentum_{};
};

}  // namespace handloop
