// Dynamics of a hand: what its own weight and motion cost.
//
// The work space follows one state. Newton-Euler recursion and composite bodies: Featherstone,
// Rigid Body Dynamics Algorithms (2008), chapters 5 and 6, written for 3-vectors in world axes.
#pragma once

#include "handloop/hand_pose.hpp"

namespace handloop {

// How kinetic energy T depends on the joints' velocities and on their positions.
struct EnergyGradient {
  JointVector momentum;  // dT/d(dq) = M(q) dq, [kg m2/s]
  JointVector position;  // dT/dq = C(q, dq)^T dq, [N m]
};

// Where the hand is, and what that costs.
class HandKinematics : public HandPose {
 public:
  using HandPose::HandPose;

  // Torques that hold the hand still against gravity, [N m]: of each joint, what the weight of all
  // that hangs on it would do.
  JointVector gravity_torque() {
    for (int i = 0; i < model().joint_count; ++i) {
      const Link& link = model().link[index(i)];
      burden_[index(i)] = {link.mass, link.mass * (link_position(i) + link_rotation(i) * link.com)};
    }
    JointVector tau(model().joint_count);
    for (int i = model().joint_count - 1; i >= 0; --i) {
      const auto& [mass, moment] = burden_[index(i)];
      tau[i] = -torque_of(i, mass * model().gravity, moment.cross(model().gravity));
      const int parent = model().link[index(i)].parent;
      if (parent < 0) continue;
      burden_[index(parent)].mass += mass;
      burden_[index(parent)].moment += moment;
    }
    return tau;
  }

  // Torques for the motion (dq, ddq) under gravity, armature included: M ddq + bias(q, dq), [N m].
  JointVector inverse_dynamics(const JointVector& dq, const JointVector& ddq) {
    for (int i = 0; i < model().joint_count; ++i) accelerate_link(i, dq[i], ddq[i]);
    JointVector tau(model().joint_count);
    for (int i = model().joint_count - 1; i >= 0; --i) {
      const Wrench& w = wrench_[index(i)];
      tau[i] = joint_axis(i).dot(is_hinge(i) ? w.torque : w.force) +
               model().link[index(i)].armature * ddq[i];
      hand_down(i);
    }
    return tau;
  }

  // Coriolis, centrifugal and gravity torques, [N m].
  JointVector bias_torque(const JointVector& dq) {
    return inverse_dynamics(dq, JointVector::Zero(model().joint_count));
  }

  // Gradient of the kinetic energy, without forming M or C: one pass out for the twists, one pass
  // back for the momenta h_i of all that hangs on joint i. With s_i its unit twist,
  //   dT/d(dq_i) = s_i . h_i + armature dq_i,   dT/dq_i = -h_i . (s_i x V_parent),
  // because moving joint i alone does to its subtree what the opposite motion does to V_parent.
  EnergyGradient energy_gradient(const JointVector& dq) {
    const int n = model().joint_count;
    for (int i = 0; i < n; ++i) push_link(i, dq[i]);
    EnergyGradient out{JointVector(n), JointVector(n)};
    for (int i = n - 1; i >= 0; --i) {
      const Momentum& h = momentum_[index(i)];
      const Push& parent = push_[index(i)];
      const Vec3& axis = joint_axis(i);
      out.momentum[i] =
          axis.dot(is_hinge(i) ? h.angular : h.linear) + model().link[index(i)].armature * dq[i];
      const Vec3 turned = parent.angular_before.cross(is_hinge(i) ? h.angular : h.linear);
      out.position[i] =
          -axis.dot(is_hinge(i) ? Vec3(turned + parent.linear_before.cross(h.linear)) : turned);
      const int p = model().link[index(i)].parent;
      if (p < 0) continue;
      momentum_[index(p)].linear += h.linear;
      momentum_[index(p)].angular += h.angular + parent.arm.cross(h.linear);
    }
    return out;
  }

  // Joint-space inertia with armature, [kg m2].
  JointMatrix joint_inertia() {
    compose_bodies();
    const int n = model().joint_count;
    JointMatrix inertia = JointMatrix::Zero(n, n);
    for (int i = 0; i < n; ++i) {
      const Composite& c = composite_[index(i)];
      // Wrench about the common centre of mass that a unit acceleration of joint i asks for.
      const Vec3& axis = joint_axis(i);
      const Vec3 force = c.mass * (is_hinge(i) ? axis.cross(c.com - joint_position(i)) : axis);
      const Vec3 torque = is_hinge(i) ? Vec3(c.inertia * axis) : Vec3::Zero();
      for (int j = i; j >= 0; j = model().link[index(j)].parent) {
        const Vec3 moment = torque + (c.com - joint_position(j)).cross(force);
        inertia(i, j) = inertia(j, i) = joint_axis(j).dot(is_hinge(j) ? moment : force);
      }
      inertia(i, i) += model().link[index(i)].armature;
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
  struct Burden {
    double mass;
    Vec3 moment;  // mass times its centre
  };
  struct Composite {
    double mass;
    Vec3 com;
    Mat3 inertia;  // about com
  };

  void accelerate_link(int i, double dq, double ddq) {
    const Link& link = model().link[index(i)];
    const bool rooted = link.parent < 0;
    // Gravity enters as an upward acceleration of the base.
    const Motion base{Vec3::Zero(), Vec3::Zero(), -model().gravity};
    const Motion& parent = rooted ? base : motion_[index(link.parent)];
    const Vec3 arm =
        joint_position(i) - (rooted ? model().base_position : joint_position(link.parent));
    const Vec3& axis = joint_axis(i);
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
    const Mat3& rotation = link_rotation(i);
    const Vec3 lever = link_position(i) + rotation * link.com - joint_position(i);
    const Vec3 force = link.mass * (motion.anchor_acceleration + motion.acceleration.cross(lever) +
                                    motion.velocity.cross(motion.velocity.cross(lever)));
    const Mat3 inertia = rotation * link.inertia * rotation.transpose();
    const Vec3 torque =
        inertia * motion.acceleration + motion.velocity.cross(inertia * motion.velocity);
    wrench_[index(i)] = {force, torque + lever.cross(force)};
  }

  // Velocity of link i and its own momentum.
  void push_link(int i, double dq) {
    const Link& link = model().link[index(i)];
    Push& push = push_[index(i)];
    if (link.parent < 0) {
      push.angular_before = push.linear_before = push.arm = Vec3::Zero();
    } else {
      const Push& parent = push_[index(link.parent)];
      push.arm = joint_position(i) - joint_position(link.parent);
      push.angular_before = parent.angular;
      push.linear_before = parent.linear + parent.angular.cross(push.arm);
    }
    push.angular = push.angular_before;
    push.linear = push.linear_before;
    (is_hinge(i) ? push.angular : push.linear) += joint_axis(i) * dq;
    const Mat3& rotation = link_rotation(i);
    const Vec3 lever = link_position(i) + rotation * link.com - joint_position(i);
    Momentum& h = momentum_[index(i)];
    h.linear = link.mass * (push.linear + push.angular.cross(lever));
    const Vec3 spin = link.inertia * (rotation.transpose() * push.angular);
    h.angular = rotation * spin + lever.cross(h.linear);
  }

  // Adds what link i asks of its parent. Children come after parents: one backward pass is enough.
  void hand_down(int i) {
    const int parent = model().link[index(i)].parent;
    if (parent < 0) return;
    const Wrench& child = wrench_[index(i)];
    wrench_[index(parent)].force += child.force;
    wrench_[index(parent)].torque +=
        child.torque + (joint_position(i) - joint_position(parent)).cross(child.force);
  }

  // Lumps every link with all that hangs on it.
  void compose_bodies() {
    for (int i = 0; i < model().joint_count; ++i) {
      const Link& link = model().link[index(i)];
      const Mat3& rotation = link_rotation(i);
      composite_[index(i)] = {link.mass, link_position(i) + rotation * link.com,
                              rotation * link.inertia * rotation.transpose()};
    }
    for (int i = model().joint_count - 1; i >= 0; --i) {
      const int parent = model().link[index(i)].parent;
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

  std::array<Motion, kMaxJoints> motion_{};
  std::array<Wrench, kMaxJoints> wrench_{};
  std::array<Burden, kMaxJoints> burden_{};
  std::array<Composite, kMaxJoints> composite_{};
  std::array<Push, kMaxJoints> push_{};
  std::array<Momentum, kMaxJoints> momentum_{};
};

}  // namespace handloop
