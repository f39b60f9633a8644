// What cycles on a bus cost: ours, the least that any client does, and servos to measure them on.

#include <cmath>

#include "bindings.hpp"
#include "handloop/bus/bench/cycles.hpp"
#include "handloop/bus/bench/responder.hpp"

namespace handloop::bindings {

namespace {

using BenchCycles = std::vector<bus::bench::Cycle>;

// Times [s] and numbers of servos that answered.
py::tuple arrays_of(const BenchCycles& cycles) {
  Eigen::VectorXd times(static_cast<Eigen::Index>(cycles.size()));
  Eigen::VectorXi fresh(times.size());
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    times[static_cast<Eigen::Index>(i)] = 1e-9 * static_cast<double>(cycles[i].time);
    fresh[static_cast<Eigen::Index>(i)] = static_cast<int>(cycles[i].fresh);
  }
  return py::make_tuple(times, fresh);
}

bool is_position(const std::string& goal) {
  if (goal != "current" && goal != "position") {
    throw py::value_error("a goal is current or position, not " + goal);
  }
  return goal == "position";
}

// A hand's part of the bus, with a line of its own.
class ServoCycles {
 public:
  ServoCycles(bus::Wire& wire, const std::vector<std::uint8_t>& ids, const std::string& goal,
              bool fast, double return_delay, double patience)
      : line_(wire, protocol_, config(fast, return_delay, patience)),
        plant_({&line_}, bus::bench::drives_of(ids, is_position(goal)), {}),
        servos_(ids.size()) {}

  py::tuple run(std::size_t count) {
    BenchCycles cycles(count);
    {
      const py::gil_scoped_release release;
      bus::bench::run_cycles(plant_, servos_, cycles);
    }
    return arrays_of(cycles);
  }

 private:
  static bus::LineConfig config(bool fast, double return_delay, double patience) {
    bus::LineConfig config;
    config.fast = fast;
    config.return_delay = std::llround(1e9 * return_delay);
    config.patience = std::llround(1e9 * patience);
    return config;
  }

  bus::DynamixelProtocol protocol_;
  bus::Line line_;
  bus::BusPlant plant_;
  std::size_t servos_;
};

py::tuple raw_cycles(int descriptor, const std::vector<std::uint8_t>& ids, const std::string& goal,
                     bool fast, std::size_t count) {
  bus::bench::RawClient client(descriptor, bus::bench::drives_of(ids, is_position(goal)), fast);
  BenchCycles cycles(count);
  bool answered = false;
  {
    const py::gil_scoped_release release;
    answered = client.run(cycles, ids.size());
  }
  if (!answered) throw std::runtime_error("the servos did not answer within a second");
  return arrays_of(cycles);
}

py::dict codec_times(std::size_t servos, bool fast, int cycles) {
  if (servos < 1 || servos > kMaxJoints || cycles < 1) {
    throw py::value_error("the codec is timed for 1 to 32 servos, in at least one cycle");
  }
  Histogram times;
  bus::time_codec(servos, fast, cycles, times);
  return summary(times);
}

using BenchResponder = bus::bench::Responder;

void stop_responder(BenchResponder& responder) {
  const py::gil_scoped_release release;
  responder.stop();
}

}  // namespace

void bind_bus_bench(py::module_& m) {
  py::class_<BenchResponder>(m, "BenchResponder")
      .def(py::init([](std::uint32_t baud, int core) {
             return std::make_unique<BenchResponder>(bus::bench::ResponderConfig{baud, core});
           }),
           py::kw_only(), py::arg("baud") = 0, py::arg("core") = -1)
      .def_property_readonly("path", &BenchResponder::path)
      .def("stop", &stop_responder)
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](BenchResponder& r, const py::args&) { stop_responder(r); });
  py::class_<ServoCycles>(m, "ServoCycles")
      .def(py::init<bus::Wire&, const std::vector<std::uint8_t>&, const std::string&, bool, double,
                    double>(),
           py::arg("wire"), py::arg("ids"), py::kw_only(), py::arg("goal") = "current",
           py::arg("fast") = false, py::arg("return_delay") = 0.0, py::arg("patience") = 0.002,
           py::keep_alive<1, 2>())
      .def("run", &ServoCycles::run, py::arg("count"));
  m.def("raw_servo_cycles", &raw_cycles, py::arg("descriptor"), py::arg("ids"), py::kw_only(),
        py::arg("goal") = "current", py::arg("fast") = false, py::arg("count"));
  m.def("time_codec", &codec_times, py::arg("servos"), py::kw_only(), py::arg("fast") = false,
        py::arg("cycles"));
}

}  // namespace handloop::bindings
