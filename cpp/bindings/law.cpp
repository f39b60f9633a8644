// Control laws written in Python: where a compiled one comes in, and what it relies on.

#include <cmath>
#include <cstddef>
#include <set>

#include "bindings.hpp"
#include "handloop/custom_law.hpp"

namespace handloop::bindings {

namespace {

template <typename T>
constexpr const char* type_name() {
  if constexpr (std::is_same_v<T, double>) return "double";
  if constexpr (std::is_same_v<T, std::int64_t>) return "int64";
  if constexpr (std::is_same_v<T, double*>) return "double*";
  if constexpr (std::is_same_v<T, const double*>) return "const double*";
  if constexpr (std::is_same_v<T, const bool*>) return "const bool*";
}

// Name, type and place of every field: what numba reads must be what C++ writes.
py::list layout() {
  py::list fields;
#define HANDLOOP_FIELD(name) \
  fields.append(             \
      py::make_tuple(#name, type_name<decltype(LawInput::name)>(), offsetof(LawInput, name)))
  HANDLOOP_FIELD(time);
  HANDLOOP_FIELD(period);
  HANDLOOP_FIELD(joint_count);
  HANDLOOP_FIELD(finger_count);
  HANDLOOP_FIELD(parameter_count);
  HANDLOOP_FIELD(memory_count);
  HANDLOOP_FIELD(fresh);
  HANDLOOP_FIELD(integral_max);
  HANDLOOP_FIELD(force_max);
  HANDLOOP_FIELD(friction_rate);
  HANDLOOP_FIELD(q);
  HANDLOOP_FIELD(dq);
  HANDLOOP_FIELD(reference);
  HANDLOOP_FIELD(gravity);
  HANDLOOP_FIELD(bias);
  HANDLOOP_FIELD(stiffness);
  HANDLOOP_FIELD(damping);
  HANDLOOP_FIELD(torque_max);
  HANDLOOP_FIELD(dry_friction);
  HANDLOOP_FIELD(integral_gain);
  HANDLOOP_FIELD(touching);
  HANDLOOP_FIELD(gripping);
  HANDLOOP_FIELD(normal_force);
  HANDLOOP_FIELD(wanted_force);
  HANDLOOP_FIELD(slip_speed);
  HANDLOOP_FIELD(contact_force);
  HANDLOOP_FIELD(contact_point);
  HANDLOOP_FIELD(contact_normal);
  HANDLOOP_FIELD(tip_position);
  HANDLOOP_FIELD(tip_jacobian);
  HANDLOOP_FIELD(parameters);
  HANDLOOP_FIELD(memory);
  HANDLOOP_FIELD(torque);
#undef HANDLOOP_FIELD
  return fields;
}

CustomLaw make_law(std::uintptr_t address, const py::object& code,
                   const std::set<std::string>& inputs, std::vector<double> parameters,
                   std::size_t memory) {
  if (address == 0) throw py::value_error("a law needs the address of a function");
  CustomLaw law;
  law.function = reinterpret_cast<LawFunction>(address);
  law.wants_gravity = inputs.contains("gravity");
  law.wants_bias = inputs.contains("bias");
  law.wants_tip_jacobian = inputs.contains("tip_jacobian");
  law.parameters = std::move(parameters);
  law.memory_count = memory;
  law.code = hold(code);
  return law;
}

}  // namespace

std::shared_ptr<const void> hold(const py::object& object) {
  return {new py::object(object), [](const void* held) {
            const py::gil_scoped_acquire lock;
            delete static_cast<const py::object*>(held);
          }};
}

CustomLaw choose_law(const py::object& law, const std::optional<std::vector<double>>& parameters) {
  if (law.is_none()) {
    if (parameters) throw py::value_error("the built-in law takes no parameters");
    return {};
  }
  if (!py::isinstance<CustomLaw>(law)) {
    throw py::type_error(py::repr(law).cast<std::string>() +
                         " is no control law; put @control_law above it");
  }
  auto chosen = law.cast<CustomLaw>();
  if (!parameters) return chosen;
  if (parameters->size() != chosen.parameters.size()) {
    throw py::value_error("the law takes " + std::to_string(chosen.parameters.size()) +
                          " parameters, not " + std::to_string(parameters->size()));
  }
  for (const double parameter : *parameters) {
    if (!std::isfinite(parameter))
      throw py::value_error("a law's parameters must be finite numbers");
  }
  chosen.parameters = *parameters;
  return chosen;
}

void bind_law(py::module_& m) {
  py::class_<CustomLaw>(m, "CustomLaw")
      .def(py::init(&make_law), py::arg("address"), py::arg("code"), py::arg("inputs"),
           py::arg("parameters") = std::vector<double>(), py::arg("memory") = 64)
      .def_property_readonly(
          "address",
          [](const CustomLaw& law) { return reinterpret_cast<std::uintptr_t>(law.function); })
      .def_readonly("memory", &CustomLaw::memory_count)
      .def_property_readonly("parameters", [](const CustomLaw& law) { return law.parameters; });
  m.def("law_input_layout", &layout);
  m.attr("LAW_INPUT_SIZE") = sizeof(LawInput);
}

}  // namespace handloop::bindings
