// Reads a HandModel out of an mjModel. The only place where the controller's model meets MuJoCo.
#pragma once

#include <mujoco/mujoco.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/hand_model.hpp"

namespace handloop {

// Ids in the mjModel of everything the controller knows by name, in the order of hand.toml.
struct HandIds {
  std::vector<int> joint;  // one-axis joints, any order
  std::vector<int> tip;    // one site per finger
};

namespace detail {

inline Vec3 vec3(const mjtNum* v) { return {v[0], v[1], v[2]}; }

inline Mat3 rotation(const mjtNum* quat) {
  return Eigen::Quaterniond(quat[0], quat[1], quat[2], quat[3]).normalized().toRotationMatrix();
}

// Pose of a frame in the link that carries it (or in the world, when no link does).
struct Pose {
  int link = -1;
  Vec3 position = Vec3::Zero();
  Mat3 rotation = Mat3::Identity();

  Pose then(const Vec3& offset, const Mat3& turn) const {
    return {link, position + rotation * offset, rotation * turn};
  }
};

inline std::string name_of(const mjModel& m, mjtObj type, int id) {
  const char* name = mj_id2name(&m, type, id);
  return name ? std::string(name) : std::string("#").append(std::to_string(id));
}

// Whether one number says where the joint is.
inline bool is_single_axis(const mjModel& m, int joint) {
  return m.jnt_type[joint] == mjJNT_HINGE || m.jnt_type[joint] == mjJNT_SLIDE;
}

inline void add_inertia(const mjModel& m, int body, const Pose& pose, Link& link) {
  const double mass = m.body_mass[body];
  if (mass <= 0.0) return;
  const Pose frame = pose.then(vec3(m.body_ipos + 3 * body), rotation(m.body_iquat + 4 * body));
  const Mat3 inertia =
      frame.rotation * vec3(m.body_inertia + 3 * body).asDiagonal() * frame.rotation.transpose();
  const auto shift = [](double weight, const Vec3& d) {
    return Mat3(weight * (d.squaredNorm() * Mat3::Identity() - d * d.transpose()));
  };
  const double total = link.mass + mass;
  const Vec3 com = (link.mass * link.com + mass * frame.position) / total;
  link.inertia += inertia + shift(link.mass, link.com - com) + shift(mass, frame.position - com);
  link.com = com;
  link.mass = total;
}

}  // namespace detail

// Builds the controller's model: joints in `ids.joint` move, all others stay at their reference.
// Throws std::invalid_argument naming the joint or site that does not fit.
inline HandModel read_hand(const mjModel& m, const HandIds& ids) {
  if (ids.joint.empty() || ids.joint.size() > kMaxJoints) {
    throw std::invalid_argument("a hand has 1 to " + std::to_string(kMaxJoints) + " joints, not " +
                                std::to_string(ids.joint.size()));
  }
  if (ids.tip.empty() || ids.tip.size() > kMaxFingers) {
    throw std::invalid_argument("a hand has 1 to " + std::to_string(kMaxFingers) +
                                " fingertips, not " + std::to_string(ids.tip.size()));
  }
  std::vector<int> link_of_joint(static_cast<std::size_t>(m.njnt), -1);
  for (std::size_t i = 0; i < ids.joint.size(); ++i) {
    const int joint = ids.joint[i];
    if (joint < 0 || joint >= m.njnt) {
      throw std::invalid_argument("the model has no joint " + std::to_string(joint));
    }
    if (!detail::is_single_axis(m, joint)) {
      throw std::invalid_argument("joint '" + detail::name_of(m, mjOBJ_JOINT, joint) +
                                  "' has more than one axis; a hand is made of hinges and slides");
    }
    if (i > 0 && m.jnt_dofadr[joint] <= m.jnt_dofadr[ids.joint[i - 1]]) {
      throw std::invalid_argument("joint '" + detail::name_of(m, mjOBJ_JOINT, joint) +
                                  "' is out of order; list joints as the MJCF does, base first");
    }
    link_of_joint[static_cast<std::size_t>(joint)] = static_cast<int>(i);
  }

  HandModel hand;
  hand.joint_count = static_cast<int>(ids.joint.size());
  hand.finger_count = static_cast<int>(ids.tip.size());
  hand.gravity = detail::vec3(m.opt.gravity);

  // Bodies come parents first, so each finds its parent's pose ready.
  std::vector<detail::Pose> pose(static_cast<std::size_t>(m.nbody));
  for (int body = 1; body < m.nbody; ++body) {
    detail::Pose frame = pose[static_cast<std::size_t>(m.body_parentid[body])].then(
        detail::vec3(m.body_pos + 3 * body), detail::rotation(m.body_quat + 4 * body));
    for (int k = 0; k < m.body_jntnum[body]; ++k) {
      const int joint = m.body_jntadr[body] + k;
      const int i = link_of_joint[static_cast<std::size_t>(joint)];
      if (i < 0) continue;
      Link& link = hand.link[static_cast<std::size_t>(i)];
      link.parent = frame.link;
      link.kind = m.jnt_type[joint] == mjJNT_HINGE ? JointKind::kHinge : JointKind::kSlide;
      link.parent_from_link_position = frame.position;
      link.parent_from_link_rotation = frame.rotation;
      link.anchor = detail::vec3(m.jnt_pos + 3 * joint);
      link.axis = detail::vec3(m.jnt_axis + 3 * joint).normalized();
      link.reference = m.qpos0[m.jnt_qposadr[joint]];
      link.armature = m.dof_armature[m.jnt_dofadr[joint]];
      frame = {i, Vec3::Zero(), Mat3::Identity()};
    }
    pose[static_cast<std::size_t>(body)] = frame;
    if (frame.link >= 0) {
      detail::add_inertia(m, body, frame, hand.link[static_cast<std::size_t>(frame.link)]);
    }
  }
  // A motor's rotor turns with its joint.
  for (int actuator = 0; actuator < m.nactuator; ++actuator) {
    const int kind = m.actuator_trntype[actuator];
    if (kind != mjTRN_JOINT && kind != mjTRN_JOINTINPARENT) continue;
    const int i = link_of_joint[static_cast<std::size_t>(m.actuator_trnid[2 * actuator])];
    if (i < 0) continue;
    const double gear = m.actuator_gear[6 * m.actuator_outadr[actuator]];
    hand.link[static_cast<std::size_t>(i)].armature += m.actuator_armature[actuator] * gear * gear;
  }
  for (std::size_t f = 0; f < ids.tip.size(); ++f) {
    const int site = ids.tip[f];
    if (site < 0 || site >= m.nsite) {
      throw std::invalid_argument("the model has no site " + std::to_string(site));
    }
    const detail::Pose frame = pose[static_cast<std::size_t>(m.site_bodyid[site])].then(
        detail::vec3(m.site_pos + 3 * site), detail::rotation(m.site_quat + 4 * site));
    if (frame.link < 0) {
      throw std::invalid_argument("fingertip site '" + detail::name_of(m, mjOBJ_SITE, site) +
                                  "' does not move with any joint of the hand");
    }
    hand.tip[f] = {frame.link, frame.position, frame.rotation};
  }
  return hand;
}

}  // namespace handloop
