// Servos on a test rig.

#include <atomic>
#include <thread>

#include "bindings.hpp"
#include "checks.hpp"
#include "handloop/actuator/rig_log.hpp"

namespace handloop::bindings {

namespace {

using actuator::RigLoad;
using actuator::RigLog;
using actuator::RigSample;
using actuator::RigServo;
using RigServos = std::vector<const RigServo*>;
using RigLogs = std::vector<const RigLog*>;

void bind_servo_and_load(py::module_& m) {
  py::class_<RigServo>(m, "RigServo")
      .def(py::init<>())
      .def_readwrite("torque_constant", &RigServo::torque_constant)
      .def_readwrite("back_emf", &RigServo::back_emf)
      .def_readwrite("resistance", &RigServo::resistance)
      .def_readwrite("current_max", &RigServo::current_max)
      .def_readwrite("supply_resistance", &RigServo::supply_resistance)
      .def_readwrite("inertia", &RigServo::inertia)
      .def_readwrite("friction", &RigServo::friction)
      .def_readwrite("backlash", &RigServo::backlash)
      .def_readwrite("resolution", &RigServo::resolution)
      .def_readwrite("zero", &RigServo::zero)
      .def_readwrite("delay", &RigServo::delay)
      .def_readwrite("gain", &RigServo::gain)
      .def_readwrite("braking", &RigServo::braking)
      .def_readwrite("off_braking", &RigServo::off_braking);

  py::class_<RigLoad>(m, "RigLoad")
      .def(py::init<>())
      .def_readwrite("mass", &RigLoad::mass)
      .def_readwrite("length", &RigLoad::length)
      .def_readwrite("inertia", &RigLoad::inertia)
      .def_readwrite("gravity", &RigLoad::gravity)
      .def_readwrite("rest", &RigLoad::rest);
}

void check_log(const RigLog& log) {
  const std::size_t n = log.time.size();
  require(n > 0 && log.goal.size() == n && log.gain.size() == n && log.voltage.size() == n &&
              log.driven.size() == n && (log.duty.empty() || log.duty.size() == n),
          "time, goal, gain, voltage, driven and duty", "of one size, and not empty");
  require(log.duty_max > 0.0 && log.duty_max <= 1.0, "duty_max", "> 0 and at most 1");
  for (std::size_t k = 1; k < n; ++k) require(log.time[k] > log.time[k - 1], "time", "rising");
}

void bind_rig_log(py::module_& m) {
  py::class_<RigLog>(m, "RigLog")
      .def(py::init([](const RigLoad& load, std::vector<double> time, std::vector<double> goal,
                       std::vector<double> gain, std::vector<double> voltage,
                       const std::vector<bool>& driven, std::vector<double> duty, double position,
                       double velocity, double duty_max) {
             RigLog log{load,
                        std::move(time),
                        std::move(goal),
                        std::move(gain),
                        std::move(voltage),
                        {driven.begin(), driven.end()},
                        std::move(duty),
                        position,
                        velocity,
                        duty_max};
             check_log(log);
             return log;
           }),
           py::arg("load"), py::arg("time"), py::arg("goal"), py::arg("gain"), py::arg("voltage"),
           py::arg("driven"), py::arg("duty") = std::vector<double>(), py::arg("position") = 0.0,
           py::arg("velocity") = 0.0, py::arg("duty_max") = 1.0)
      .def("__len__", [](const RigLog& log) { return log.time.size(); })
      .def_readwrite("load", &RigLog::load)
      .def_readwrite("position", &RigLog::position)
      .def_readwrite("velocity", &RigLog::velocity)
      .def_readwrite("duty_max", &RigLog::duty_max);
}

void check_servo(const RigServo& servo) {
  positive("resistance", servo.resistance);
  positive("inertia", servo.inertia);
  positive("friction.stribeck_speed", servo.friction.stribeck_speed);
  not_negative("supply_resistance", servo.supply_resistance);
  not_negative("backlash", servo.backlash);
  not_negative("delay", servo.delay);
}

// Every servo on the rig of every log, each pair once, whoever of the threads comes first.
void simulate_pairs(const RigServos& servos, const RigLogs& logs, double step, int threads,
                    RigSample* samples, std::size_t row) {
  std::vector<std::size_t> start;
  for (std::size_t sum = 0; const RigLog* log : logs) {
    start.push_back(sum);
    sum += log->time.size();
  }
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < servos.size() * logs.size(); i = next++) {
      const std::size_t s = i / logs.size(), k = i % logs.size();
      simulate(*servos[s], *logs[k], step, {samples + s * row + start[k], logs[k]->time.size()});
    }
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

py::array_t<double> simulate_rigs(const RigServos& servos, const RigLogs& logs, double step,
                                  int threads) {
  positive("step", step);
  for (const RigServo* servo : servos) check_servo(*servo);
  std::size_t row = 0;
  for (const RigLog* log : logs) row += log->time.size();
  static_assert(sizeof(RigSample) == 4 * sizeof(double));
  py::array_t<double> samples({servos.size(), row, std::size_t{4}});
  auto* first = reinterpret_cast<RigSample*>(samples.mutable_data());
  {
    py::gil_scoped_release unlocked;
    simulate_pairs(servos, logs, step, threads, first, row);
  }
  return samples;
}

}  // namespace

void bind_actuator(py::module_& m) {
  bind_servo_and_load(m);
  bind_rig_log(m);
  m.def("simulate_rigs", &simulate_rigs, py::arg("servos"), py::arg("logs"),
        py::arg("step") = 0.001, py::arg("threads") = 1);
}

}  // namespace handloop::bindings
