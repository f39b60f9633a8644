// What a hand can be at besides a posture: fingertips and objects held in space.

#include "bindings.hpp"
#include "claimed.hpp"

namespace handloop::bindings {

namespace {

void bind_task_config(py::module_& m) {
  py::class_<FingertipImpedanceConfig>(m, "FingertipImpedanceConfig")
      .def(py::init<>())
      .def_readwrite("stiffness", &FingertipImpedanceConfig::stiffness)
      .def_readwrite("damping", &FingertipImpedanceConfig::damping);

  py::class_<FrictionConfig>(m, "FrictionConfig")
      .def(py::init<>())
      .def_readwrite("initial", &FrictionConfig::initial)
      .def_readwrite("smallest", &FrictionConfig::smallest)
      .def_readwrite("gain", &FrictionConfig::gain)
      .def_readwrite("slip_speed", &FrictionConfig::slip_speed)
      .def_readwrite("time_constant", &FrictionConfig::time_constant)
      .def_readwrite("new_slip_after", &FrictionConfig::new_slip_after)
      .def_readwrite("force_min", &FrictionConfig::force_min);

  py::class_<ObjectImpedanceConfig>(m, "ObjectImpedanceConfig")
      .def(py::init<>())
      .def_readwrite("stiffness", &ObjectImpedanceConfig::stiffness)
      .def_readwrite("damping", &ObjectImpedanceConfig::damping)
      .def_readwrite("rotation_stiffness", &ObjectImpedanceConfig::rotation_stiffness)
      .def_readwrite("rotation_damping", &ObjectImpedanceConfig::rotation_damping)
      .def_readwrite("load_time", &ObjectImpedanceConfig::load_time)
      .def_readwrite("integral_rate", &ObjectImpedanceConfig::integral_rate)
      .def_readwrite("integral_max", &ObjectImpedanceConfig::integral_max);

  py::class_<ObjectGraspConfig>(m, "ObjectGraspConfig")
      .def(py::init<>())
      .def_readwrite("impedance", &ObjectGraspConfig::impedance)
      .def_readwrite("friction", &ObjectGraspConfig::friction)
      .def_readwrite("margin", &ObjectGraspConfig::margin)
      .def_readwrite("force_min", &ObjectGraspConfig::force_min)
      .def_readwrite("reflex_rate", &ObjectGraspConfig::reflex_rate)
      .def_readwrite("reflex_gain", &ObjectGraspConfig::reflex_gain)
      .def_readwrite("release_time", &ObjectGraspConfig::release_time);
}

TaskStep step(double time, TaskKind kind, const std::vector<Vec3>& tip_offset, const Vec3& offset,
              const Vec3& turn) {
  if (tip_offset.size() > kMaxFingers) {
    throw py::value_error("tip_offset has " + std::to_string(tip_offset.size()) +
                          " entries; a hand has at most " + std::to_string(kMaxFingers) +
                          " fingers");
  }
  TaskStep s;
  s.time = time;
  s.kind = kind;
  std::copy(tip_offset.begin(), tip_offset.end(), s.tip_offset.begin());
  s.offset = offset;
  s.turn = turn;
  bool finite = std::isfinite(time) && offset.allFinite() && turn.allFinite();
  for (const Vec3& tip : s.tip_offset) finite = finite && tip.allFinite();
  if (!finite) throw py::value_error("a step of a plan must be finite");
  return s;
}

}  // namespace

void bind_tasks(py::module_& m) {
  bind_task_config(m);

  py::native_enum<TaskKind>(m, "TaskKind", "enum.IntEnum")
      .value("POSTURE", TaskKind::kPosture)
      .value("FINGERTIPS", TaskKind::kFingertips)
      .value("OBJECT", TaskKind::kObject)
      .finalize();

  py::class_<TaskStep>(m, "TaskStep")
      .def(py::init(&step), py::arg("time"), py::arg("kind"), py::kw_only(),
           py::arg("tip_offset") = std::vector<Vec3>(), py::arg("offset") = Vec3(Vec3::Zero()),
           py::arg("turn") = Vec3(Vec3::Zero()))
      .def_readonly("time", &TaskStep::time)
      .def_readonly("kind", &TaskStep::kind);
}

// Of the controller, which is bound elsewhere.
void bind_tasks_of(py::class_<Controller>& controller) {
  controller
      .def(
          "set_plan",
          [](Controller& c, const std::vector<TaskStep>& steps) {
            TaskPlan plan;
            for (const TaskStep& s : steps) plan.add(s);
            const Claim claim(c, Claim::By::kCaller);
            c.set_plan(plan);
          },
          py::arg("steps"))
      .def_property_readonly("task", claimed<Controller>(&Controller::task_kind))
      .def_property_readonly("object_position", claimed<Controller>([](const Controller& c) {
                               return Vec3(c.object().object().position());
                             }))
      .def_property_readonly("object_rotation", claimed<Controller>([](const Controller& c) {
                               return Mat3(c.object().object().rotation());
                             }))
      .def_property_readonly("contact_friction", claimed<Controller>([](const Controller& c) {
                               std::vector<double> friction;
                               for (int f = 0; f < c.model().finger_count; ++f) {
                                 friction.push_back(c.object().friction(f).value());
                               }
                               return friction;
                             }))
      .def_property_readonly("grasp_result", claimed<Controller>([](const Controller& c) {
                               GraspForceResult result = c.object().result();
                               result.residual = c.object().residual();
                               return result;
                             }));
}

}  // namespace handloop::bindings
