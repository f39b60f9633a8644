// Reads a hand's motors out of an mjModel: those that pull tendons, and those that turn a joint.
#pragma once

#include <mujoco/mujoco.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/mujoco_hand.hpp"
#include "handloop/transmission.hpp"

namespace handloop {

namespace detail {

// A body's frame in the link that carries it. Bodies' joints come in the order of the hand's.
inline Pose pose_in_link(const mjModel& m, const std::vector<int>& joints, int body) {
  for (int i = static_cast<int>(joints.size()) - 1; i >= 0; --i) {
    if (m.jnt_bodyid[joints[static_cast<std::size_t>(i)]] == body) {
      return {i, Vec3::Zero(), Mat3::Identity()};
    }
  }
  if (body == 0) return {};
  return pose_in_link(m, joints, m.body_parentid[body])
      .then(vec3(m.body_pos + 3 * body), rotation(m.body_quat + 4 * body));
}

inline TendonPoint read_point(const mjModel& m, const std::vector<int>& joints, int wrap,
                              const std::string& tendon) {
  if (m.wrap_type[wrap] != mjWRAP_SITE) {
    const int type = m.wrap_type[wrap];
    const char* what = type == mjWRAP_PULLEY  ? "a pulley"
                       : type == mjWRAP_JOINT ? "joints (it is a <fixed> tendon)"
                                              : "a geom to wrap around";
    throw std::invalid_argument("tendon '" + tendon + "' has " + what +
                                "; lead it through sites only");
  }
  const int site = m.wrap_objid[wrap];
  const Pose pose = pose_in_link(m, joints, m.site_bodyid[site])
                        .then(vec3(m.site_pos + 3 * site), Mat3::Identity());
  return {pose.link, pose.position};
}

inline Tendon read_tendon(const mjModel& m, const std::vector<int>& joints, int id) {
  const std::string name = name_of(m, mjOBJ_TENDON, id);
  Tendon tendon;
  tendon.point_count = m.tendon_num[id];
  if (tendon.point_count > kMaxTendonPoints) {
    throw std::invalid_argument("tendon '" + name + "' has " + std::to_string(tendon.point_count) +
                                " sites; lead it through at most " +
                                std::to_string(kMaxTendonPoints));
  }
  for (int k = 0; k < tendon.point_count; ++k) {
    tendon.point[static_cast<std::size_t>(k)] = read_point(m, joints, m.tendon_adr[id] + k, name);
  }
  return tendon;
}

// What one unit of its control does: newtons of pull, or newton metres at a joint.
inline void check_unit_motor(const mjModel& m, int actuator, double gear) {
  const bool motor = m.actuator_gaintype[actuator] == mjGAIN_FIXED &&
                     m.actuator_biastype[actuator] == mjBIAS_NONE &&
                     m.actuator_dyntype[actuator] == mjDYN_NONE;
  const double unit =
      m.actuator_gainprm[mjNGAIN * actuator] * m.actuator_gear[6 * m.actuator_outadr[actuator]];
  if (motor && unit == gear) return;
  throw std::invalid_argument(
      "actuator '" + name_of(m, mjOBJ_ACTUATOR, actuator) + "' must be a <motor> of gear " +
      (gear < 0.0 ? "-1, so that its control is the tension that pulls at the tendon"
                  : "1, so that its control is the torque of the joint"));
}

inline int index_of(const std::vector<int>& list, int id) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == id) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace detail

// A transmission of kind `tendons`: paths, bounds from the control ranges (at rest: the lowest
// tension, no torque), springs of the joints. The motor pulls at the first site of its tendon.
// Throws std::invalid_argument naming the tendon or actuator that does not fit.
inline TransmissionConfig read_tendons(const mjModel& m, const std::vector<int>& joints,
                                       const std::vector<int>& actuators) {
  if (actuators.empty() || actuators.size() > kMaxActuators) {
    throw std::invalid_argument("a hand has 1 to " + std::to_string(kMaxActuators) +
                                " motors, not " + std::to_string(actuators.size()));
  }
  TransmissionConfig config;
  config.kind = TransmissionKind::kTendons;
  config.tendons.count = static_cast<int>(actuators.size());
  EffortBounds& bounds = config.bounds;
  bounds.min = bounds.rest = bounds.max =
      ActuatorVector::Zero(static_cast<Eigen::Index>(actuators.size()));
  for (std::size_t i = 0; i < actuators.size(); ++i) {
    const int actuator = actuators[i];
    const std::string name = detail::name_of(m, mjOBJ_ACTUATOR, actuator);
    const bool pulls = m.actuator_trntype[actuator] == mjTRN_TENDON;
    const int target = m.actuator_trnid[2 * actuator];
    const int joint =
        m.actuator_trntype[actuator] == mjTRN_JOINT ? detail::index_of(joints, target) : -1;
    if (!pulls && joint < 0) {
      throw std::invalid_argument("actuator '" + name +
                                  "' drives neither a tendon nor a joint of the hand");
    }
    detail::check_unit_motor(m, actuator, pulls ? -1.0 : 1.0);
    const int control = m.actuator_ctrladr[actuator];
    if (!m.actuator_ctrllimited[control]) {
      throw std::invalid_argument("actuator '" + name + "' has no ctrlrange");
    }
    const auto k = static_cast<Eigen::Index>(i);
    bounds.min[k] = m.actuator_ctrlrange[2 * control];
    bounds.max[k] = m.actuator_ctrlrange[2 * control + 1];
    bounds.rest[k] = pulls ? bounds.min[k] : 0.0;
    config.joint_of_motor.push_back(joint);
    if (pulls) config.tendons.tendon[i] = detail::read_tendon(m, joints, target);
  }
  config.spring_stiffness = config.spring_reference =
      JointVector::Zero(static_cast<Eigen::Index>(joints.size()));
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const auto k = static_cast<Eigen::Index>(j);
    config.spring_stiffness[k] = m.jnt_stiffness[joints[j]];
    config.spring_reference[k] = m.qpos_spring[m.jnt_qposadr[joints[j]]];
  }
  return config;
}

}  // namespace handloop
