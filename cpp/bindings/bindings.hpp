// What the parts of the module share: how Python's arrays and MuJoCo objects come in.
#pragma once

#include <mujoco/mujoco.h>
#include <pybind11/eigen.h>
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "handloop/types.hpp"

// Named only: each of their headers is long to parse, and most files here need one of them.
namespace handloop {
class Controller;
class Histogram;
class SimPlant;
struct Channel;
struct ControllerConfig;
struct CustomLaw;
struct Friction;
struct HandModel;
struct MotorConfig;
struct ObserverConfig;
struct Thermal;
struct TransmissionConfig;
}  // namespace handloop
namespace handloop::bus::virtual_servo {
struct ServoModel;
}

namespace handloop::bindings {

namespace py = pybind11;

void bind_actuator(py::module_& m);
void bind_bus(py::module_& m);
void bind_bus_plant(py::module_& m);
void bind_bus_bench(py::module_& m);
void bind_model(py::module_& m);
void bind_motor(py::module_& m);
void bind_transmission(py::module_& m);
void bind_controller(py::module_& m);
void bind_episode(py::module_& m);
void bind_grasp(py::module_& m);
void bind_hil(py::module_& m);
void bind_latency(py::module_& m);
void bind_law(py::module_& m);
void bind_line(py::module_& m);
void bind_loop(py::module_& m);
void bind_plant(py::module_& m);
void bind_plant_actuator(py::module_& m);
void bind_servo_model(py::module_& m);
void bind_sim(py::module_& m);
void bind_step(py::module_& m);
void bind_tasks(py::module_& m);
void bind_tasks_of(py::class_<Controller>& controller);

// Throw ValueError naming what in the configuration does not fit the hand.
void check(const HandModel& hand, const ControllerConfig& config);
void check(const HandModel& hand, const TransmissionConfig& config);
int motor_count(const HandModel& hand, const TransmissionConfig& config);
// `name` comes before the keys, as in "motors.motors[3].friction.".
void check(const Friction& friction, const std::string& name);
void check(const Thermal& thermal, const std::string& name);
void check(const MotorConfig& motors, int motor_count);
void check(const ObserverConfig& observer);

void check(const bus::virtual_servo::ServoModel& model);

// The law a controller shall have, with parameters of its own if given. Throws ValueError when they
// do not fit the law.
CustomLaw choose_law(const py::object& law, const std::optional<std::vector<double>>& parameters);

// A Python object held from C++, which is what it points to; let go of with the interpreter's lock,
// wherever that is.
std::shared_ptr<const void> hold(const py::object& object);

// Throws ValueError where they differ in joints, fingers or motors.
void check_same_hand(const SimPlant& plant, const Controller& controller);

// Where in a row of a log each channel begins, and how wide it is.
py::dict columns(const std::vector<Channel>& channels);

// "count", "p50", "p99", "p99.9" and "max" [us], and "buckets".
py::dict summary(const Histogram& histogram);

// The C struct behind a mujoco.MjModel or mujoco.MjData. Keep the Python object alive.
template <typename T>
T& address_of(const py::object& object) {
  const char* wanted = std::is_same_v<T, mjModel> ? "MjModel" : "MjData";
  const auto type = py::type::of(object).attr("__name__").cast<std::string>();
  if (type != wanted || !py::hasattr(object, "_address")) {
    throw py::type_error(std::string("expected a mujoco.") + wanted + ", got " + type);
  }
  return *reinterpret_cast<T*>(object.attr("_address").cast<std::uintptr_t>());
}

// A vector over joints from any Python sequence of numbers; checked, because the storage is fixed.
inline JointVector joint_vector(const std::vector<double>& values, const char* name) {
  if (values.size() > kMaxJoints) {
    throw py::value_error(std::string(name) + " has " + std::to_string(values.size()) +
                          " entries; a hand has at most " + std::to_string(kMaxJoints) + " joints");
  }
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

inline JointVector joint_vector(const std::vector<double>& values, Eigen::Index size,
                                const char* name) {
  if (static_cast<Eigen::Index>(values.size()) != size) {
    throw py::value_error(std::string(name) + " has " + std::to_string(values.size()) +
                          " entries, the hand " + std::to_string(size) + " joints");
  }
  return joint_vector(values, name);
}

// The same over motors.
inline ActuatorVector actuator_vector(const std::vector<double>& values, const char* name) {
  if (values.size() > kMaxActuators) {
    throw py::value_error(std::string(name) + " has " + std::to_string(values.size()) +
                          " entries; a hand has at most " + std::to_string(kMaxActuators) +
                          " motors");
  }
  return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

inline ActuatorVector actuator_vector(const std::vector<double>& values, Eigen::Index size,
                                      const char* name) {
  if (static_cast<Eigen::Index>(values.size()) != size) {
    throw py::value_error(std::string(name) + " has " + std::to_string(values.size()) +
                          " entries, the hand " + std::to_string(size) + " motors");
  }
  return actuator_vector(values, name);
}

// A property over joints: a copy out, a checked copy in.
template <typename Class, typename Struct>
void joint_property(Class& cls, const char* name, JointVector Struct::* member) {
  cls.def_property(
      name, [member](const Struct& s) { return Eigen::VectorXd(s.*member); },
      [member, name](Struct& s, const std::vector<double>& values) {
        s.*member = joint_vector(values, name);
      });
}

// A property over motors: a copy out, a checked copy in.
template <typename Class, typename Struct>
void actuator_property(Class& cls, const char* name, ActuatorVector Struct::* member) {
  cls.def_property(
      name, [member](const Struct& s) { return Eigen::VectorXd(s.*member); },
      [member, name](Struct& s, const std::vector<double>& values) {
        s.*member = actuator_vector(values, name);
      });
}

// A property over fingers; missing fingers read as zero.
template <typename Class, typename Struct>
void finger_property(Class& cls, const char* name, PerFinger<double> Struct::* member) {
  cls.def_property(
      name,
      [member](const Struct& s) {
        return std::vector<double>((s.*member).begin(), (s.*member).end());
      },
      [member, name](Struct& s, const std::vector<double>& values) {
        if (values.size() > kMaxFingers) {
          throw py::value_error(std::string(name) + " has " + std::to_string(values.size()) +
                                " entries; a hand has at most " + std::to_string(kMaxFingers) +
                                " fingers");
        }
        (s.*member).fill(0.0);
        std::copy(values.begin(), values.end(), (s.*member).begin());
      });
}

}  // namespace handloop::bindings
