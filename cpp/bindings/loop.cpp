// What a loop can drive, and the loop.

#include "handloop/loop.hpp"

#include "bindings.hpp"
#include "handloop/bus/bus_plant.hpp"
#include "handloop/bus/virtual/hil_plant.hpp"
#include "handloop/sim_plant.hpp"
#include "living.hpp"

namespace handloop::bindings {

namespace {

void check_period(double period, const Controller& controller) {
  if (std::abs(period / controller.period() - 1.0) <= 1e-9) return;
  throw py::value_error("the plant's control period is " + std::to_string(period) +
                        " s, the controller's " + std::to_string(controller.period()) + " s");
}

void check_same_servos(const bus::BusPlant& plant, const Controller& controller) {
  const auto servos = static_cast<int>(plant.joint_count());
  const auto differs = [servos](int count, const char* what) {
    if (servos == count) return;
    throw py::value_error("the plant has " + std::to_string(servos) + " servos, the controller " +
                          std::to_string(count) + what);
  };
  differs(controller.model().joint_count, " joints");
  differs(controller.transmission().motor_count(), " motors");
  for (std::size_t i = 0; i < plant.joint_count() && controller.motors().ideal(); ++i) {
    if (plant.drive(i).mode == bus::ServoMode::kPosition) continue;
    throw py::value_error("servo " + std::to_string(plant.drive(i).id) +
                          " is told currents, which the controller's ideal motors do not know; "
                          "give the controller motors, or use position mode");
  }
}

void check_fits(Plant& plant, const Controller& controller) {
  if (auto* hil = dynamic_cast<bus::virtual_servo::HilPlant*>(&plant)) {
    check_fits(hil->servos(), controller);
  } else if (const auto* sim = dynamic_cast<const SimPlant*>(&plant)) {
    sim->check_ready();
    check_same_hand(*sim, controller);
    check_period(sim->control_period(), controller);
  } else if (const auto* servos = dynamic_cast<const bus::BusPlant*>(&plant)) {
    check_same_servos(*servos, controller);
    check_period(servos->config().period, controller);
  }
}

// A loop that goes away waits for its thread; Python's other threads need not.
struct DeleteWithoutGil {
  void operator()(Loop* loop) const {
    const py::gil_scoped_release release;
    Living<Loop>::remove(loop);
    delete loop;
  }
};

// The numbers that are used of an array of fixed size.
template <auto array, auto count>
std::vector<double> used(const LoopStatus& status) {
  const auto& all = status.*array;
  return {all.begin(), all.begin() + status.*count};
}

void bind_status(py::module_& m) {
  py::class_<LoopStatus>(m, "LoopStatus")
      .def_readonly("ticks", &LoopStatus::ticks)
      .def_readonly("missed", &LoopStatus::missed)
      .def_readonly("time", &LoopStatus::time)
      .def_readonly("safety", &LoopStatus::safety)
      .def_readonly("fault", &LoopStatus::fault)
      .def_readonly("fault_index", &LoopStatus::fault_index)
      .def_property_readonly("q", &used<&LoopStatus::q, &LoopStatus::joint_count>)
      .def_property_readonly("torque", &used<&LoopStatus::torque, &LoopStatus::joint_count>)
      .def_property_readonly("current", &used<&LoopStatus::current, &LoopStatus::motor_count>)
      .def_property_readonly("normal_force",
                             &used<&LoopStatus::normal_force, &LoopStatus::finger_count>);
}

}  // namespace

void bind_plant(py::module_& m) { py::class_<Plant>(m, "Plant"); }

void bind_loop(py::module_& m) {
  bind_status(m);
  Living<Loop>::at_exit([](Loop& loop) { loop.stop(); });
  py::class_<Loop, std::unique_ptr<Loop, DeleteWithoutGil>>(m, "Loop")
      .def(py::init([](Plant& plant, Controller& controller) {
             check_fits(plant, controller);
             return std::unique_ptr<Loop, DeleteWithoutGil>(
                 Living<Loop>::add(new Loop(plant, controller)));
           }),
           py::arg("plant"), py::arg("controller"), py::keep_alive<1, 2>(), py::keep_alive<1, 3>())
      .def("run", &Loop::run_lockstep, py::arg("ticks"), py::call_guard<py::gil_scoped_release>())
      .def("start", &Loop::start, py::arg("max_ticks") = 0, py::arg("realtime") = false,
           py::call_guard<py::gil_scoped_release>())
      .def("stop", &Loop::stop, py::call_guard<py::gil_scoped_release>())
      .def("emergency_stop", &Loop::emergency_stop)
      .def_property_readonly("running", &Loop::running)
      .def_property_readonly("black_box",
                             [](const Loop& l) {
                               const BlackBox box = l.black_box();
                               const std::vector<double> rows = box.rows();
                               py::array_t<double> table({rows.size() / box.width(), box.width()});
                               std::copy(rows.begin(), rows.end(), table.mutable_data());
                               return py::make_tuple(columns(box.channels()), table);
                             })
      .def_property_readonly("status", &Loop::status)
      .def_property_readonly("realtime_message", &Loop::realtime_message)
      .def_property_readonly("lateness", [](const Loop& l) { return summary(l.lateness()); })
      .def_property_readonly("duration", [](const Loop& l) { return summary(l.duration()); })
      .def_property_readonly("response", [](const Loop& l) { return summary(l.response()); });
}

}  // namespace handloop::bindings
