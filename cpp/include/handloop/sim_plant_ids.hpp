// What of an mjModel a simulated hand consists of, and whether it can.
#pragma once

#include <mujoco/mujoco.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/actuator/hand_drives.hpp"

namespace handloop {

// Where in the mjModel the hand's joints, actuators and fingertips are, in the order of hand.toml.
struct SimPlantIds {
  std::vector<int> joint;     // hinge or slide joints
  std::vector<int> actuator;  // one per joint, or what pulls the tendons
  std::vector<int> tip;       // sites
  std::vector<int> contact;  // contact sensors "found force pos normal tangent ...", one per finger
  std::vector<int> tactile;  // tactile sensors, one per finger
  std::vector<double> torque_constant;  // [N m/A], one per actuator; none: they report no current
  actuator::HandFigures drives;         // what is real of the actuators; empty: all are ideal
};

namespace sim_plant_ids {

inline void refuse_unless(bool met, const std::string& message) {
  if (!met) throw std::invalid_argument(message);
}

inline void check_counts(const SimPlantIds& ids) {
  refuse_unless(!ids.actuator.empty() && ids.actuator.size() <= kMaxActuators,
                "a hand in simulation needs 1 to " + std::to_string(kMaxActuators) + " actuators");
  refuse_unless(ids.torque_constant.empty() || ids.torque_constant.size() == ids.actuator.size(),
                "either every actuator has a torque constant or none");
  for (double constant : ids.torque_constant) {
    refuse_unless(constant > 0.0, "a torque constant must be > 0");
  }
  refuse_unless(
      !ids.joint.empty() && ids.joint.size() <= kMaxJoints && ids.tip.size() <= kMaxFingers,
      "a hand has 1 to " + std::to_string(kMaxJoints) + " joints and up to " +
          std::to_string(kMaxFingers) + " fingers");
  for (const auto* list : {&ids.contact, &ids.tactile}) {
    refuse_unless(list->empty() || list->size() == ids.tip.size(),
                  "either every finger has a contact and a tactile sensor or none");
  }
}

inline void check_range(const std::vector<int>& ids, mjtSize count, const char* kind) {
  for (int id : ids) {
    refuse_unless(id >= 0 && id < count,
                  "the model has no " + std::string(kind) + ' ' + std::to_string(id));
  }
}

// Whether it reports found, force, position, normal and tangent, and none of the fields that would
// come between, of one contact: not "reduced" to a net force, which has no normal.
inline bool is_contact_sensor(const mjModel& m, int sensor) {
  constexpr int kFields = 1 << mjCONDATA_FOUND | 1 << mjCONDATA_FORCE | 1 << mjCONDATA_POS |
                          1 << mjCONDATA_NORMAL | 1 << mjCONDATA_TANGENT;
  constexpr int kLeadingFields = (1 << (mjCONDATA_TANGENT + 1)) - 1;
  constexpr int kNetForce = 3;
  const int* setting = m.sensor_intprm + sensor * mjNSENS;
  return m.sensor_type[sensor] == mjSENS_CONTACT && (setting[0] & kLeadingFields) == kFields &&
         setting[1] != kNetForce;
}

inline void check_sensors(const mjModel& m, const SimPlantIds& ids) {
  for (int sensor : ids.tactile) {
    refuse_unless(m.sensor_type[sensor] == mjSENS_TACTILE,
                  "sensor " + std::to_string(sensor) + " is not a tactile sensor");
  }
  for (int sensor : ids.contact) {
    const char* name = mj_id2name(&m, mjOBJ_SENSOR, sensor);
    refuse_unless(
        is_contact_sensor(m, sensor),
        "contact sensor '" + (name ? std::string(name) : std::to_string(sensor)) +
            "' must report found, force, pos, normal, tangent of one contact, not a net force");
  }
}

// Throws std::invalid_argument where they do not fit the model.
inline void check(const mjModel& m, const SimPlantIds& ids) {
  check_counts(ids);
  check_range(ids.joint, m.njnt, "joint");
  check_range(ids.actuator, m.nactuator, "actuator");
  check_range(ids.tip, m.nsite, "site");
  check_range(ids.contact, m.nsensor, "sensor");
  check_range(ids.tactile, m.nsensor, "sensor");
  check_sensors(m, ids);
}

}  // namespace sim_plant_ids

}  // namespace handloop
