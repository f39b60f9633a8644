// The simulated hand behind virtual servos, and what drives it through its bus.

#include "handloop/bus/virtual/hil_plant.hpp"

#include "bindings.hpp"
#include "claimed.hpp"

namespace handloop::bindings {

namespace {

namespace vs = bus::virtual_servo;

void bind_hand(py::module_& m) {
  py::class_<vs::JointShaft>(m, "JointShaft")
      .def(py::init<int, double, double>(), py::arg("joint"), py::kw_only(), py::arg("ratio") = 1.0,
           py::arg("zero") = 0.0);
  py::class_<vs::SimulatedHand, std::shared_ptr<vs::SimulatedHand>>(m, "SimulatedHand")
      .def(py::init<SimPlant&>(), py::arg("plant"), py::keep_alive<1, 2>())
      .def("begin", &vs::SimulatedHand::begin)
      .def_property_readonly("sound", &vs::SimulatedHand::sound);
}

void bind_hil_plant(py::module_& m) {
  py::class_<vs::HilPlant, Plant>(m, "HilPlant")
      .def(py::init<Plant&, vs::SimulatedHand&, const Controller&, bool, const std::vector<int>&,
                    int>(),
           py::arg("servos"), py::arg("hand"), py::arg("controller"), py::kw_only(),
           py::arg("touches"), py::arg("sensors"), py::arg("capacity"), py::keep_alive<1, 2>(),
           py::keep_alive<1, 3>(), py::keep_alive<1, 4>())
      .def_property_readonly("diverged", claimed<vs::HilPlant>(&vs::HilPlant::diverged))
      .def_property_readonly("channels",
                             [](const vs::HilPlant& p) { return columns(p.recorder().channels()); })
      .def_property_readonly("log", [](const py::object& self) {
        const auto& plant = self.cast<vs::HilPlant&>();
        const Claim claim(plant, Claim::By::kCaller);
        const Recorder& r = plant.recorder();
        py::array_t<double> view({r.count(), r.width()}, r.data(), self);
        view.attr("flags").attr("writeable") = false;
        return view;
      });
}

}  // namespace

void bind_hil(py::module_& m) {
  bind_hand(m);
  bind_hil_plant(m);
}

}  // namespace handloop::bindings
