// The Python module handloop._core.

#include "bindings.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "Native core of handloop.";

  m.attr("MUJOCO_HEADER_VERSION") = mjVERSION_HEADER;
  m.def("mujoco_version", &mj_version, "Version number of the MuJoCo library that is loaded.");
  handloop::bindings::bind_model(m);
  handloop::bindings::bind_law(m);  // before what has one in its signature
  handloop::bindings::bind_grasp(m);
  handloop::bindings::bind_tasks(m);
  handloop::bindings::bind_motor(m);
  handloop::bindings::bind_actuator(m);
  handloop::bindings::bind_plant_actuator(m);  // before the plant that has them
  handloop::bindings::bind_transmission(m);
  handloop::bindings::bind_controller(m);
  handloop::bindings::bind_latency(m);
  handloop::bindings::bind_line(m);
  handloop::bindings::bind_plant(m);  // before the kinds of it
  handloop::bindings::bind_sim(m);
  handloop::bindings::bind_episode(m);
  handloop::bindings::bind_bus_plant(m);
  handloop::bindings::bind_loop(m);
  handloop::bindings::bind_step(m);
  handloop::bindings::bind_hil(m);  // before the virtual servos that turn its hand
  handloop::bindings::bind_bus(m);
  handloop::bindings::bind_bus_bench(m);
}
