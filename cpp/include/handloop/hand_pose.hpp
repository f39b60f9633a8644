// Where the links of a hand are, and what a velocity or a force at one place is at another.
//
// Everything is in world axes. Joints are screws (Featherstone 2008, chapter 2): what hangs on one
// is seen as a body that reaches to the world's origin.
#pragma once

#include <Eigen/Geometry>

#include "handloop/hand_links.hpp"
#include "handloop/sine_cosine.hpp"

namespace handloop {

// At the reference until `update_position` moves it.
class HandPose {
 public:
  explicit HandPose(const HandModel& model) : model_(model) {
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

 protected:
  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }
  bool is_hinge(int i) const { return model_.link[index(i)].kind == JointKind::kHinge; }

 private:
  // Of a link, what does not change with its joint, in its parent's frame.
  struct Mount {
    Vec3 axis, anchor;
    Mat3 along, across, turned;
  };
  // What a joint does per unit of its speed: how it turns, and how the world's origin would move.
  struct Screw {
    Vec3 angular, linear;
  };

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

  const HandModel model_;
  std::array<Mount, kMaxJoints> mount_{};
  std::array<SineCosine, kMaxJoints> turn_{};
  std::array<Vec3, kMaxJoints> position_{}, anchor_{}, axis_{};
  std::array<Mat3, kMaxJoints> rotation_{};
  std::array<Screw, kMaxJoints> screw_{};
  PerFinger<Vec3> tip_position_{};
  PerFinger<Mat3> tip_rotation_{};
  PerFinger<Jacobian> tip_jacobian_{}, tip_rotation_jacobian_{};
};

}  // namespace handloop
